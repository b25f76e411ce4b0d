/** How a failed job is tried again. */
export interface RetryPolicy {
  /** The longest wait before the second attempt; it doubles with each further one. */
  readonly baseMs: number
  /** No wait is longer. */
  readonly capMs: number
  /** After this many attempts the job is a dead letter. */
  readonly maxAttempts: number
  /** No attempt starts later than this after the time the job was to run; unset: attempts alone count. */
  readonly giveUpAfterMs?: number
}

/** About an hour of attempts: enough for a restart or a failover, soon enough for an operator to be told. */
export const DEFAULT_RETRY: RetryPolicy = { baseMs: 2_000, capMs: 600_000, maxAttempts: 15 }

/** What is known when an attempt has failed. */
export interface FailedAttempt {
  /** How many attempts there were, this one included. */
  readonly attempts: number
  readonly runAt: Date
  readonly now: Date
  /** In [0, 1). */
  readonly random: number
}

/**
 * When to try again, or `undefined` to give up. Exponential backoff with full jitter, a wait drawn evenly between
 * nothing and the ceiling, so that jobs that failed together do not return together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function nextAttemptAt(policy: RetryPolicy, failed: FailedAttempt): Date | undefined {
  if (failed.attempts >= policy.maxAttempts) return undefined
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** (failed.attempts - 1))
  const atMs = failed.now.getTime() + Math.floor(failed.random * ceilingMs)
  if (policy.giveUpAfterMs === undefined) return new Date(atMs)
  const lastMs = failed.runAt.getTime() + policy.giveUpAfterMs
  // Note: the last attempt falls exactly on the limit, so that a long outage is waited out to its end.
  return failed.now.getTime() < lastMs ? new Date(Math.min(atMs, lastMs)) : undefined
}
