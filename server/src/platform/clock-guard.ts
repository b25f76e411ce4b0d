import type { Clock } from './clock.ts'
import { MINUTE } from './durations.ts'
import type { Logger } from './log/logger.ts'

/** How far a clock may fall back before its time is trusted no more; less is the drift between nodes (R8). */
export const CLOCK_BEHIND_MAX_MS = 2 * MINUTE

/**
 * Notices while the server runs that its clock was set back: what is over would count again, tokens, codes and locks alike.
 * The latest time seen is kept in memory and costs one comparison to ask; it never falls, so trust returns only when the
 * clock has caught up.
 */
export interface ClockGuard {
  /** Whether the clock is not behind the latest time seen by more than `CLOCK_BEHIND_MAX_MS`. */
  isRight(): boolean
  /** Takes in what the database has seen: how far the clock is behind it now, in milliseconds, never negative. */
  note(behindMs: number): void
}

/** Makes the guard of one process. It tells the log when the clock falls back and when it has caught up. */
export function createClockGuard({
  clock,
  log,
}: {
  readonly clock: Clock
  readonly log: Pick<Logger, 'error' | 'info'>
}): ClockGuard {
  let latestMs = Number.NEGATIVE_INFINITY
  let wasRight = true

  const judge = (nowMs: number): boolean => {
    const isRight = latestMs - nowMs <= CLOCK_BEHIND_MAX_MS
    if (isRight === wasRight) return isRight
    wasRight = isRight
    const behindSeconds = Math.ceil((latestMs - nowMs) / 1_000)
    if (isRight) log.info({}, 'The clock of this machine has caught up; people are signed in again.')
    else
      log.error(
        { behindSeconds },
        'The clock of this machine was set back; nobody is signed in until it is right.',
      )
    return isRight
  }

  return {
    isRight() {
      const nowMs = clock.now().getTime()
      if (nowMs > latestMs) latestMs = nowMs
      return judge(nowMs)
    },
    note(behindMs) {
      const nowMs = clock.now().getTime()
      latestMs = Math.max(latestMs, nowMs + behindMs)
      judge(nowMs)
    },
  }
}
