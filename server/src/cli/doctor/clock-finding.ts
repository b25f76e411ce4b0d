import type { Clock } from '../../platform/clock.ts'
import type { Db } from '../../platform/db/index.ts'
import { readState } from '../../platform/state/state.ts'
import { type Finding, fail, ok } from './finding.ts'

const BEHIND_MAX_MS = 120_000 // what the server itself puts up with
const RELEASED_MS = Date.parse('2026-01-01T00:00:00Z')

/** Whether the clock is at least as late as the latest time this instance has seen. */
export async function clockFinding(db: Db | undefined, clock: Clock): Promise<Finding> {
  const now = clock.now()
  if (now.getTime() < RELEASED_MS) {
    return fail(
      'clock',
      `The clock says ${now.toISOString()}, which is before this version was made; set it.`,
    )
  }
  const mark = db && (await readState(db, 'clock_high_water'))
  const behindMs = mark === undefined ? 0 : Date.parse(mark) - now.getTime()
  if (behindMs > BEHIND_MAX_MS) {
    const minutes = Math.round(behindMs / 60_000)
    return fail('clock', `The clock is ${minutes} minutes behind what the database has seen; set it.`)
  }
  return ok('clock', `The clock says ${now.toISOString()}.`)
}
