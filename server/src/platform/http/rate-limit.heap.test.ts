import { expect, it } from 'vitest'
import { MemoryRateLimitStore } from './rate-limit.ts'

const rule = { max: 10, windowMs: 60_000 }

it('C12: a store of rate limits stays at 100,000 keys and flat in memory over 1,000,000 addresses', () => {
  const store = new MemoryRateLimitStore({ now: () => 1_000 })
  const fill = (from: number, to: number) => {
    for (let i = from; i < to; i++) store.take(`login\n${i >> 16}.${(i >> 8) & 255}.${i & 255}.1`, rule)
    return process.memoryUsage().heapUsed
  }
  fill(0, 150_000)
  const early = fill(150_000, 300_000)
  const late = fill(300_000, 1_000_000)
  expect(store.size).toBe(100_000)
  expect((late - early) / 2 ** 20).toBeLessThan(64)
})
