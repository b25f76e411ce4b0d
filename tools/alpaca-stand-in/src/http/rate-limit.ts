import { refusals, type VendorError } from './vendor-error.ts'

/** A bucket of calls per key, refilled evenly over a minute of the stand-in's clock. */
export type RateLimit = {
  /** Takes one call out; the headers say what is left. When nothing was left, `refusal` is the vendor's 429. */
  take(keyDigest: string, perMinute: number): { headers: Record<string, string>; refusal?: VendorError }
  clear(): void
}

const MINUTE = 60_000

export function createRateLimit(nowMs: () => number): RateLimit {
  const buckets = new Map<string, { used: number; ms: number }>()
  return {
    take(keyDigest, perMinute) {
      const ms = nowMs()
      const before = buckets.get(keyDigest) ?? { used: 0, ms }
      const refilled = ((ms - before.ms) * perMinute) / MINUTE
      const used = Math.max(0, before.used - Math.max(0, refilled))
      const isLeft = used + 1 <= perMinute
      const after = isLeft ? used + 1 : used
      buckets.set(keyDigest, { used: after, ms })
      const headers = limitHeaders({
        limit: perMinute,
        remaining: Math.floor(perMinute - after),
        resetMs: ms + (after * MINUTE) / Math.max(1, perMinute),
      })
      return isLeft ? { headers } : { headers, refusal: refusals.tooMany() }
    },
    clear: () => buckets.clear(),
  }
}

/** The vendor's three headers; the reset is in Unix seconds. */
export function limitHeaders(state: { limit: number; remaining: number; resetMs: number }) {
  return {
    'X-RateLimit-Limit': String(state.limit),
    'X-RateLimit-Remaining': String(state.remaining),
    'X-RateLimit-Reset': String(Math.ceil(state.resetMs / 1000)),
  }
}
