import type { AnswerHeaders, Quota } from '../adapter.ts'

/**
 * `X-RateLimit-Remaining` and `X-RateLimit-Reset` (unix seconds), as Alpaca documents them; else `Retry-After`, as
 * seconds or as a date (RFC 9110, section 10.2.3), of whatever stands before it.
 */
export function alpacaQuota(headers: AnswerHeaders, now: Date): Quota {
  const remaining = wholeNumber(headers['x-ratelimit-remaining'])
  const reset = wholeNumber(headers['x-ratelimit-reset'])
  const resetsAt = reset === undefined ? retryAt(headers['retry-after'], now) : new Date(reset * 1_000)
  return { remaining, resetsAt }
}

function retryAt(value: AnswerHeaders[string], now: Date): Date | undefined {
  const seconds = wholeNumber(value)
  if (seconds !== undefined) return new Date(now.getTime() + seconds * 1_000)
  const date = new Date(typeof value === 'string' && value.endsWith(' GMT') ? value : Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function wholeNumber(value: AnswerHeaders[string]): number | undefined {
  return typeof value === 'string' && /^\d{1,11}$/.test(value) ? Number(value) : undefined
}
