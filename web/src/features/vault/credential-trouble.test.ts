import { expect, it } from 'vitest'
import { troublesOf } from './credential-trouble.ts'

const now = new Date('2026-06-15T12:00:00.000Z')
const fine = { is_active: true, expires_at: null, last_validation: 'ok' } as const

it('finds none with one that was never tested, nor with one that a broker did not answer for', () => {
  for (const last_validation of ['ok', 'blocked', 'rate_limited', 'unreachable', null] as const)
    expect(troublesOf({ ...fine, last_validation }, now)).toEqual([])
})

it('counts a credential as expired from its expiry on', () => {
  expect(troublesOf({ ...fine, expires_at: '2026-06-15T12:00:00.001Z' }, now)).toEqual([])
  expect(troublesOf({ ...fine, expires_at: '2026-06-15T12:00:00.000Z' }, now)).toEqual(['expired'])
})

it('names all of them, first what switching it on would not mend', () => {
  const broken = {
    is_active: false,
    expires_at: '2026-01-01T00:00:00.000Z',
    last_validation: 'rejected',
  } as const
  expect(troublesOf(broken, now)).toEqual(['refused', 'inactive', 'expired'])
  expect(troublesOf({ ...fine, last_validation: 'wrong_environment' }, now)).toEqual(['refused'])
})
