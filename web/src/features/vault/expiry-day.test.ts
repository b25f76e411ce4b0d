import { expect, it } from 'vitest'
import { dayOf, endOfDay } from './expiry-day.ts'

it('goes from a day to its last second and back, in the zone of whoever looks', () => {
  for (const day of ['2026-01-01', '2026-06-30', '2026-12-31', '2028-02-29'])
    expect(dayOf(endOfDay(day))).toBe(day)
})

it('takes no day for never', () => {
  expect(endOfDay('')).toBeNull()
  expect(dayOf(null)).toBe('')
})
