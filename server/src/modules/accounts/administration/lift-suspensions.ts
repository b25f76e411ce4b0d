import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import { aboutUser } from '../accounts.audit.ts'
import type { Notify } from '../notices.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { liftSuspension, listEndedSuspensions } from '../users/user.store.ts'

const BATCH = 100

export interface LiftSuspensionsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly notify: Notify
  readonly signedInUsers: SignedInUsers
}

/** Once a minute, writes down which suspensions are over; they bind nobody from their end on (`statusAt`). */
export function liftSuspensions(jobs: Pick<Jobs, 'repeat'>, options: LiftSuspensionsOptions): void {
  const { db, clock, audit, notify, signedInUsers } = options

  const lift = (id: string, now: Date) =>
    db.withSystem(async (tx) => {
      const user = await liftSuspension(tx, { id, now })
      if (!user) return
      signedInUsers.changed(tx, id)
      await notify(tx, user, { kind: 'suspensionEnded' })
      await audit.record(tx, { action: 'account.suspension_ended', result: 'ok', ...aboutUser(id) })
    })

  jobs.repeat('accounts.lift_suspensions', MINUTE, async () => {
    const now = clock.now()
    for (;;) {
      const ended = await listEndedSuspensions(db, { now, limit: BATCH })
      for (const { id } of ended) await lift(id, now)
      if (ended.length < BATCH) return
    }
  })
}
