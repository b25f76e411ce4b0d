import { expect, it } from 'vitest'
import { Quotas } from './quotas.ts'

type Said = [remaining: number | undefined, inMs: number | undefined, isRefused?: boolean]

function setting() {
  const clock = { ms: 1_000_000 }
  const quotas = new Quotas(() => clock.ms)
  const note = (key: string, ...[remaining, inMs, isRefused = false]: Said) => {
    const resetsAt = inMs === undefined ? undefined : new Date(clock.ms + inMs)
    quotas.note(key, { remaining, resetsAt }, isRefused)
  }
  return { clock, quotas, note }
}

it('lets a key wait until the reset when it was refused or has nothing left, and no other key', () => {
  const { clock, quotas, note } = setting()
  note('refused', undefined, 20_000, true)
  note('spent', 0, 5_000)
  expect([quotas.waitMs('refused'), quotas.waitMs('spent'), quotas.waitMs('other')]).toEqual([
    20_000, 5_000, 0,
  ])
  clock.ms += 5_000
  expect([quotas.waitMs('refused'), quotas.waitMs('spent')]).toEqual([15_000, 0])
})

it('waits a minute when no reset was told, a second at least, and five minutes at most', () => {
  const { quotas, note } = setting()
  note('untold', undefined, undefined, true)
  note('past', undefined, -60_000, true)
  note('far', 0, 86_400_000)
  expect(['untold', 'past', 'far'].map((key) => quotas.waitMs(key))).toEqual([60_000, 1_000, 300_000])
})

it('does not wait for what is left, or for a reset that is over', () => {
  const { quotas, note } = setting()
  note('some', 1, 5_000)
  note('over', 0, -1)
  note('silent', undefined, undefined)
  note('vague', 0, undefined)
  expect(['some', 'over', 'silent', 'vague'].map((key) => quotas.waitMs(key))).toEqual([0, 0, 0, 0])
})

it('waits no longer when the clock was set back', () => {
  const { clock, quotas, note } = setting()
  note('a', 0, 5_000)
  clock.ms -= 3_600_000
  expect(quotas.waitMs('a')).toBe(0)
})
