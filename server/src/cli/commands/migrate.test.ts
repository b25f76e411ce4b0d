import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../platform/db/index.ts'
import { migrations } from '../../schema.ts'
import { commandInstance } from '../../testing/run-command.ts'
import { tablesIn } from '../../testing/tables-in.ts'

const ids = migrations.map(({ id }) => id).sort()

describe.each<Dialect>(['sqlite', 'postgres'])('outcry migrate on %s', (dialect) => {
  it('lists what is waiting, applies it once, and then has nothing to do', async () => {
    const instance = await commandInstance(dialect)
    const lines = (word: string) => ids.map((id) => `${word}  ${id}`).join('\n')
    expect(await instance.run(['migrate', '--status'])).toEqual({ code: 0, out: lines('pending'), err: '' })
    const applied = await instance.spawn(['migrate'])
    expect(applied).toEqual({ code: 0, out: `${ids.map((id) => `Applied ${id}.\n`).join('')}`, err: '' })
    expect(await instance.run(['migrate', '--status'])).toEqual({ code: 0, out: lines('applied'), err: '' })
    expect((await instance.run(['migrate'])).out).toBe('Nothing to do: the database is at this version.')
    expect((await instance.run(['migrate', '--dry-run'])).out).toMatch(/^-- Nothing to do/)
  })

  it('prints the SQL of the engine and changes nothing', async () => {
    const instance = await commandInstance(dialect)
    const { code, out } = await instance.run(['migrate', '--dry-run'])
    expect(code).toBe(0)
    expect(out).toContain(`-- ${ids[0]}`)
    expect(out.includes('row level security')).toBe(dialect === 'postgres')
    expect((await instance.run(['migrate', '--status'])).out).not.toContain('applied')
  })

  it('lets two nodes migrate at once', async () => {
    const instance = await commandInstance(dialect)
    const both = await Promise.all([instance.spawn(['migrate']), instance.spawn(['migrate'])])
    expect(both.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const applied = both.flatMap(({ out }) => out.match(/(?<=Applied )\S+(?=\.)/g) ?? [])
    expect(applied.sort()).toEqual(ids)
  })
})

it('outcry migrate --status makes no database', async () => {
  const instance = await commandInstance('sqlite')
  await instance.run(['migrate', '--status'])
  expect(existsSync((instance.env.OUTCRY_DATABASE_URL ?? '').slice('sqlite:'.length))).toBe(false)
})

it('outcry migrate asks for the owning role on PostgreSQL', async () => {
  const instance = await commandInstance('postgres')
  const { code, err } = await instance.run(['migrate'], { env: { OUTCRY_DATABASE_ADMIN_URL: '' } })
  expect([code, err]).toEqual([
    1,
    'Set OUTCRY_DATABASE_ADMIN_URL to the role that owns the tables, so that they can be migrated.',
  ])
})

it('outcry migrate says in one sentence that PostgreSQL does not let it in', async () => {
  const instance = await commandInstance('postgres')
  const url = Object.assign(new URL(instance.env.OUTCRY_DATABASE_ADMIN_URL ?? ''), { password: 'wrong' })
  const { code, err } = await instance.run(['migrate'], { env: { OUTCRY_DATABASE_ADMIN_URL: url.href } })
  expect([code, err]).toEqual([
    1,
    'PostgreSQL refuses: password authentication failed for user "outcry_migrator".',
  ])
})

it.each(['migrate', 'migrate --status', 'serve', 'keys init', 'keys status'])(
  'outcry %s leaves alone a database that only one of the two URLs names',
  async (command) => {
    const [serving, other] = [await commandInstance('postgres'), await commandInstance('postgres')]
    const env = { OUTCRY_DATABASE_ADMIN_URL: other.env.OUTCRY_DATABASE_ADMIN_URL ?? '' }
    expect(await serving.run(command.split(' '), { env })).toEqual({
      code: 1,
      out: '',
      err: 'OUTCRY_DATABASE_ADMIN_URL and OUTCRY_DATABASE_URL must lead to the same database, with a role each.',
    })
    expect([await tablesIn(serving), await tablesIn(other)]).toEqual([[], []])
    expect(existsSync(join(serving.folder, 'data', 'keys.json'))).toBe(false)
  },
)
