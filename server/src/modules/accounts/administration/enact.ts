import type { Audit, AuditEntry } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/db/index.ts'
import type { Notify } from '../notices.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { updateUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { assertAdminRemains } from './administrators.ts'
import type { Decision } from './decisions.ts'

export interface EnactOptions {
  readonly clock: Clock
  readonly audit: Audit
  readonly notify: Notify
  readonly signedInUsers: SignedInUsers
  readonly endAccess: EndAccess
}

/** What was decided about whom; the member is locked. */
export interface Decided {
  readonly user: UserRow
  readonly decisions: readonly Decision[]
  readonly by: 'admin' | 'operator'
  /** Who and from where, for the audit log. */
  readonly facts: Omit<AuditEntry, 'action' | 'result' | 'details'>
}

/**
 * Carries out what was decided about an account, with everything that follows: what was proven before ends, the member is
 * told, the log knows. Throws `accounts.last_admin`. Needs `holdAdministration`.
 */
export type Enact = (tx: Tx, decided: Decided) => Promise<void>

export function createEnact(options: EnactOptions): Enact {
  const { clock, audit, notify, signedInUsers, endAccess } = options
  return async (tx, { user, decisions, by, facts }) => {
    const patch: Decision['patch'] = Object.assign({}, ...decisions.map((each) => each.patch))
    await assertAdminRemains(tx, user, patch)
    await updateUser(tx, user.id, { ...patch, updated_at: clock.now() })
    if (decisions.some(({ endsAccess }) => endsAccess)) {
      await endAccess(tx, { userId: user.id, reason: 'admin' })
    }
    signedInUsers.changed(tx, user.id)
    for (const { notice } of decisions) if (notice) await notify(tx, user, notice)
    for (const { action, details } of decisions) {
      await audit.record(tx, { action: `${action}_by_${by}`, result: 'ok', ...facts, details })
    }
  }
}
