import { SECOND } from '../../../platform/durations.ts'

/** How long one code is shown; RFC 6238, section 5.2. */
const STEP_MS = 30 * SECOND

/** The number of the 30 s step that a moment is in, counted from 1970. */
export function stepOf(now: Date): number {
  return Math.floor(now.getTime() / STEP_MS)
}
