import { describe, expect, it } from 'vitest'
import { MemoryRateLimitStore, resetSeconds } from './rate-limit.ts'

const rule = { max: 10, windowMs: 60_000 }

function storeWithClock(maxKeys?: number) {
  const clock = { ms: 1_000 }
  const store = new MemoryRateLimitStore({
    now: () => clock.ms,
    ...(maxKeys === undefined ? {} : { maxKeys }),
  })
  return { store, clock }
}

describe('MemoryRateLimitStore', () => {
  it('C12: lets exactly the limit of 200 parallel calls pass', async () => {
    const { store } = storeWithClock()
    const states = await Promise.all(Array.from({ length: 200 }, async () => store.take('a', rule)))
    expect(states.filter(({ allowed }) => allowed)).toHaveLength(10)
  })

  it('counts each key by itself and starts again when the window ends', () => {
    const { store, clock } = storeWithClock()
    for (let i = 0; i < 10; i++)
      expect(store.take('a', rule)).toMatchObject({ allowed: true, remaining: 9 - i })
    clock.ms += 59_999
    const refused = store.take('a', rule)
    expect(refused).toEqual({ allowed: false, remaining: 0, resetMs: 1 })
    expect(resetSeconds(refused)).toBe(1)
    expect(store.take('b', rule).allowed).toBe(true)
    clock.ms += 1
    expect(store.take('a', rule)).toEqual({ allowed: true, remaining: 9, resetMs: 60_000 })
  })

  it('allows nothing with a limit of zero', () => {
    const { store } = storeWithClock()
    expect(store.take('a', { max: 0, windowMs: 1_000 }).allowed).toBe(false)
  })

  it('C12: keeps a blocked key blocked while a few others arrive', () => {
    const { store } = storeWithClock(100)
    for (let i = 0; i < 11; i++) store.take('blocked', rule)
    for (let i = 0; i < 1_000; i++) store.take(`flood-${i}`, rule)
    expect(store.take('blocked', rule).allowed).toBe(false)
    expect(store.size).toBeLessThanOrEqual(100)
  })
})
