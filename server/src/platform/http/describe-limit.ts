import type { RateLimitRule } from './rate-limit.ts'
import type { Limit } from './route.ts'

/** A limit in words: "10 per 15 min per address". */
export function describeLimit({ max, windowMs, per }: RateLimitRule): string {
  const seconds = windowMs / 1_000
  if (seconds % 3_600 === 0) return `${max} per ${seconds / 3_600} h per ${per}`
  return seconds % 60 === 0
    ? `${max} per ${seconds / 60} min per ${per}`
    : `${max} per ${seconds} s per ${per}`
}

/** Every limit of its own that a route has, in words. */
export function describeLimits(limit: Limit): string[] {
  return limit === 'default' ? [] : [limit].flat().map(describeLimit)
}
