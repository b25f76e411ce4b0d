import { DAY, MINUTE, SECOND } from '../durations.ts'
/** When failures slow a subject down, lock it and disable it. */
export interface ThrottlePolicy {
  /** Tells the policy's counters from those of others; at most 50 characters. */
  readonly scope: string
  /** After this many consecutive failures each further attempt has to wait; unset: never. */
  readonly delay?: { readonly after: number; readonly firstMs: number; readonly maxMs: number }
  /** This many failures within `withinMs` lock the subject for `forMs`; unset: never. */
  readonly lock?: { readonly failures: number; readonly withinMs: number; readonly forMs: number }
  /** After this many consecutive failures the subject is disabled until it is reset; unset: never. */
  readonly disableAfter?: number
  /** Counts that nobody touched for this long are forgotten; unset: 90 days, and never those of a disabled subject. */
  readonly forgetAfterMs?: number
}

/**
 * Guessing a password (C7): the 100 consecutive failures are the most that NIST SP 800-63B-4 section 3.2.2 allows; 10
 * in 15 minutes is the common lock; the delays make a script wait where a person only pauses.
 */
export const PASSWORD_POLICY: ThrottlePolicy = {
  scope: 'password',
  delay: { after: 5, firstMs: SECOND, maxMs: 30 * SECOND },
  lock: { failures: 10, withinMs: 15 * MINUTE, forMs: 15 * MINUTE },
  disableAfter: 100,
}

/**
 * Guessing a six-digit code (C8): with three valid codes at a time, 30 guesses succeed with a chance of 9 in 100,000.
 */
export const SECOND_FACTOR_POLICY: ThrottlePolicy = {
  scope: 'second-factor',
  lock: { failures: 10, withinMs: 15 * MINUTE, forMs: 15 * MINUTE },
  disableAfter: 30,
}

/** Tries at one unfinished sign-in (C8, C19); its subject is that sign-in. */
export const PENDING_SIGN_IN_POLICY: ThrottlePolicy = {
  scope: 'pending-sign-in',
  disableAfter: 5,
  forgetAfterMs: DAY,
}

/** Telling somebody of a lockout: once while it lasts, however many tries brought it about together. */
export const LOCKOUT_NOTICE_POLICY: ThrottlePolicy = {
  scope: 'lockout-notice',
  lock: { failures: 1, withinMs: 15 * MINUTE, forMs: 15 * MINUTE },
  forgetAfterMs: DAY,
}

/** What is remembered of a subject. */
export interface ThrottleState {
  readonly consecutive: number
  /** Instants of the latest failures in milliseconds, the oldest first. */
  readonly recent: readonly number[]
  readonly notBefore: Date | null
}

/** How a subject stands. `waiting` ends by itself at `until`; `disabled` only by a reset. */
export type Standing =
  | { readonly kind: 'open' | 'disabled' }
  | { readonly kind: 'waiting'; readonly until: Date }

/** A subject that never failed. */
export const NO_FAILURES: ThrottleState = { consecutive: 0, recent: [], notBefore: null }

/** Whether an attempt at `now` may be made. */
export function standing(policy: ThrottlePolicy, state: ThrottleState, now: Date): Standing {
  if (policy.disableAfter !== undefined && state.consecutive >= policy.disableAfter) {
    return { kind: 'disabled' }
  }
  if (state.notBefore && state.notBefore > now) return { kind: 'waiting', until: state.notBefore }
  return { kind: 'open' }
}

function delayMs({ delay }: ThrottlePolicy, consecutive: number): number {
  if (!delay || consecutive < delay.after) return 0
  return Math.min(delay.maxMs, delay.firstMs * 2 ** (consecutive - delay.after))
}

/** The state after one more failure at `now`. */
export function withFailure(policy: ThrottlePolicy, state: ThrottleState, now: Date): ThrottleState {
  const at = now.getTime()
  const { lock } = policy
  const recent = lock
    ? [...state.recent.filter((failure) => failure > at - lock.withinMs), at].slice(-lock.failures)
    : []
  const consecutive = state.consecutive + 1
  const lockMs = lock && recent.length >= lock.failures ? lock.forMs : 0
  const waitMs = Math.max(lockMs, delayMs(policy, consecutive))
  return { consecutive, recent, notBefore: waitMs > 0 ? new Date(at + waitMs) : null }
}

/**
 * The state after an attempt that was counted as a failure has succeeded: its own count is taken back and the consecutive
 * count starts afresh. Failures before it stay in the window, and a lock that they alone have earned stays.
 */
export function withSuccess(policy: ThrottlePolicy, state: ThrottleState): ThrottleState {
  const recent = state.recent.slice(0, -1)
  const isLocked = policy.lock !== undefined && recent.length >= policy.lock.failures
  return { consecutive: 0, recent, notBefore: isLocked ? state.notBefore : null }
}
