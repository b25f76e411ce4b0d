import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { brokersErrors } from '../brokers.errors.ts'

/** The 429 of a key that has to wait, in whole seconds from one on. */
export function rateLimited(waitMs: number) {
  const seconds = secondsOf(waitMs)
  return brokersErrors.brokerRateLimited({ seconds }, { headers: { 'retry-after': `${seconds}` } })
}

/** The 503 of a broker without a usable answer; a minute is a guess, for want of anything told. */
export function unreachable(waitMs = MINUTE, cause?: unknown) {
  const headers = { 'retry-after': `${secondsOf(waitMs)}` }
  return brokersErrors.brokerUnreachable({}, { headers, ...(cause === undefined ? {} : { cause }) })
}

function secondsOf(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / SECOND))
}
