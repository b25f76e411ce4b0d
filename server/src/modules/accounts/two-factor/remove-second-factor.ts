import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { SECOND_FACTOR_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { aboutUser } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { Notify } from '../notices.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { lockUser, updateUser } from '../users/user.store.ts'
import { deleteRecoveryCodesOf } from './recovery-code.store.ts'

/**
 * Switches a member's second factor off and forgets its seed, its backup codes and its failed tries. For the system; whoever
 * calls it holds the member, ends access, tells the member and leaves the audit entry.
 */
export async function removeSecondFactor(
  tx: Tx,
  { userId, now, throttle }: { userId: string; now: Date; throttle: Pick<Throttle, 'reset'> },
): Promise<void> {
  const off = { two_factor_enabled: false, two_factor_secret: null, two_factor_last_step: 0 }
  await updateUser(tx, userId, { ...off, updated_at: now })
  await deleteRecoveryCodesOf(tx, userId)
  await throttle.reset(tx, SECOND_FACTOR_POLICY, userId)
}

/** For the operator: removes the second factor of a member who lost it, and ends every session. Throws `accounts.two_factor_off`. */
export function createRemoveSecondFactorOf(options: {
  readonly db: Db
  readonly clock: Clock
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
}): (userId: string) => Promise<void> {
  const { db, clock, throttle, audit, notify, endAccess } = options
  return async (userId) => {
    const isOff = await db.withSystem(async (tx) => {
      const user = await lockUser(tx, userId)
      if (!user?.two_factor_enabled) return false
      await removeSecondFactor(tx, { userId, now: clock.now(), throttle })
      await endAccess(tx, { userId, reason: 'factor' })
      await notify(tx, user, { kind: 'twoFactorDisabled', facts: { detail: 'The operator did it.' } })
      const action = 'account.two_factor_disabled_by_operator'
      await audit.record(tx, { action, result: 'ok', ...aboutUser(userId) })
      return true
    })
    if (!isOff) throw accountsErrors.twoFactorOff()
  }
}
