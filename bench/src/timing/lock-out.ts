import { SECOND } from '../../../server/src/platform/durations.ts'
import { createThrottle } from '../../../server/src/platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../../server/src/platform/throttle/throttle-policy.ts'
import type { PreparedInstance } from '../../../server/src/prepare-instance.ts'

const APART_MS = 20 * SECOND // longer than the delays before the lock

/** Locks members out for a quarter of an hour, as the failures that it takes would have if the last were just now. */
export async function lockOut({ db, keys }: PreparedInstance, ids: readonly string[]): Promise<void> {
  const failures = PASSWORD_POLICY.lock?.failures ?? 0
  let nowMs = Date.now() - failures * APART_MS
  const throttle = createThrottle({ db, clock: { now: () => new Date(nowMs) }, digestKeys: keys.digest })
  for (let n = 0; n < failures; n++) {
    nowMs += APART_MS
    for (const id of ids) {
      if (!(await throttle.take(PASSWORD_POLICY, id))) throw new Error('A failure was refused, not counted.')
    }
  }
  for (const id of ids) {
    const { kind } = await throttle.standing(PASSWORD_POLICY, id)
    if (kind !== 'waiting') throw new Error('A member is not locked out.')
  }
}
