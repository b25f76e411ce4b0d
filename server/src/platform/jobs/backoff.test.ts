import { describe, expect, it } from 'vitest'
import { nextAttemptAt } from './backoff.ts'

const now = new Date('2030-01-01T00:00:00.000Z')
const policy = { baseMs: 1_000, capMs: 60_000, maxAttempts: 20 }
const almostOne = 1 - 2 ** -53
const waitMs = (attempts: number, random: number) =>
  (nextAttemptAt(policy, { attempts, runAt: now, now, random })?.getTime() ?? Number.NaN) - now.getTime()

describe('the wait after a failure', () => {
  it('lies anywhere between nothing and a ceiling that doubles up to the cap', () => {
    expect([1, 2, 3, 4].map((attempts) => waitMs(attempts, 0))).toEqual([0, 0, 0, 0])
    expect([1, 2, 3, 4].map((attempts) => waitMs(attempts, 0.5))).toEqual([500, 1_000, 2_000, 4_000])
    expect(waitMs(7, almostOne)).toBe(59_999)
    expect(waitMs(19, almostOne)).toBe(59_999)
  })

  it('is endless once the attempts are used up', () => {
    expect(nextAttemptAt(policy, { attempts: 20, runAt: now, now, random: 0 })).toBeUndefined()
  })

  it('ends exactly on the age at which the job is given up, and is endless after it', () => {
    const aged = { ...policy, giveUpAfterMs: 10_000 }
    const later = new Date(now.getTime() + 9_990)
    const limit = new Date(now.getTime() + 10_000)
    expect(nextAttemptAt(aged, { attempts: 6, runAt: now, now: later, random: 0.9 })).toEqual(limit)
    expect(nextAttemptAt(aged, { attempts: 7, runAt: now, now: limit, random: 0 })).toBeUndefined()
  })
})
