const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

/** How failures slow down further tries. */
export interface ThrottlePolicy {
  readonly scope: string
  /** Consecutive failures before tries are delayed. */
  readonly freeFailures: number
  /** Delays after each further failure; the last one stays. */
  readonly delaysMs: readonly number[]
  /** So many failures within `windowMs` refuse every try for `lockMs`. */
  readonly windowFailures: number
  readonly windowMs: number
  readonly lockMs: number
  /** Consecutive failures after which only `clear` helps. */
  readonly disableAfter: number
}

/** Passwords (C7): NIST SP 800-63B 3.2.2 allows at most 100 consecutive failures; delays and lock as OpenBao's. */
export const passwordThrottle: ThrottlePolicy = {
  scope: 'password',
  freeFailures: 5,
  delaysMs: [1, 2, 4, 8, 16, 30].map((seconds) => seconds * SECOND_MS),
  windowFailures: 10,
  windowMs: 15 * MINUTE_MS,
  lockMs: 15 * MINUTE_MS,
  disableAfter: 100,
}

export interface ThrottleState {
  readonly consecutiveFailures: number
  readonly windowStartedAt: Date
  readonly windowFailures: number
  readonly notBefore: Date | null
}

/** What becomes of a try, and of the count if it is let through. */
export type ThrottleDecision =
  | { readonly isAllowed: true; readonly next: ThrottleState }
  | { readonly isAllowed: false }

/**
 * Decides one try. A try that is let through is counted as a failure at once, before its outcome is known, so that
 * parallel tries cannot outrun the count; success clears it.
 */
export function decideTry(policy: ThrottlePolicy, state: ThrottleState, now: Date): ThrottleDecision {
  if (state.consecutiveFailures >= policy.disableAfter) return { isAllowed: false }
  if (state.notBefore !== null && state.notBefore > now) return { isAllowed: false }
  const consecutiveFailures = state.consecutiveFailures + 1
  const isWindowOpen = now.getTime() - state.windowStartedAt.getTime() < policy.windowMs
  const windowFailures = isWindowOpen ? state.windowFailures + 1 : 1
  const isLocked = windowFailures >= policy.windowFailures
  const waitMs = isLocked ? policy.lockMs : delayAfter(policy, consecutiveFailures)
  return {
    isAllowed: true,
    next: {
      consecutiveFailures,
      windowStartedAt: isWindowOpen ? state.windowStartedAt : now,
      windowFailures: isLocked ? 0 : windowFailures,
      notBefore: waitMs > 0 ? new Date(now.getTime() + waitMs) : null,
    },
  }
}

function delayAfter({ freeFailures, delaysMs }: ThrottlePolicy, failures: number): number {
  if (failures < freeFailures) return 0
  return delaysMs[Math.min(failures - freeFailures, delaysMs.length - 1)] ?? 0
}
