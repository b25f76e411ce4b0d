import { expect, it } from 'vitest'
import { groupByAccount } from './credential-groups.ts'

const account = (id: string, created_at: string) => ({ id, account_name: id, created_at })
const credential = (id: string, account_id: string, more: { created_at: string; is_default?: boolean }) => ({
  id,
  account_id,
  is_default: false,
  ...more,
})

it('puts each credential under its account, the default before the oldest, and keeps empty accounts', () => {
  const groups = groupByAccount(
    [account('b', '2026-02'), account('a', '2026-01')],
    [
      credential('new', 'a', { created_at: '2026-05' }),
      credential('old', 'a', { created_at: '2026-03' }),
      credential('default', 'a', { created_at: '2026-04', is_default: true }),
    ],
  )
  expect(groups.map(({ account: { id }, credentials }) => [id, credentials.map((each) => each.id)])).toEqual([
    ['a', ['default', 'old', 'new']],
    ['b', []],
  ])
})
