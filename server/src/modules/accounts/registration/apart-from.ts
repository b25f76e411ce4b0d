import type { Clock } from '../../../platform/clock.ts'

/**
 * When to do what a stranger must not measure: not at once, which would slow down their next request, but when the worker
 * looks again by itself, within a second and at no fixed distance from the request (C6).
 */
export function apartFrom(clock: Clock): Date {
  return new Date(clock.now().getTime() + 1)
}
