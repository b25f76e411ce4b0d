import type { Clock } from '../platform/clock.ts'

export { DAY, HOUR, MINUTE, SECOND } from '../platform/durations.ts'

/** A clock that stands still until a test moves it. */
export interface FixedClock extends Clock {
  advance(ms: number): void
  set(to: Date | string): void
}

/** Makes a clock that stands at `start`. */
export function fixedClock(start: Date | string = '2030-01-01T00:00:00.000Z'): FixedClock {
  let nowMs = new Date(start).getTime()
  return {
    now: () => new Date(nowMs),
    advance(ms) {
      nowMs += ms
    },
    set(to) {
      nowMs = new Date(to).getTime()
    },
  }
}
