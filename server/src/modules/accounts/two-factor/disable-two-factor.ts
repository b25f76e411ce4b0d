import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type Asking, askedBySelf } from '../asking.ts'
import type { Notify } from '../notices.ts'
import type { ProvePassword } from '../passwords/prove-password.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { findUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { removeSecondFactor } from './remove-second-factor.ts'
import type { SecondFactor } from './second-factor.ts'

export interface DisableTwoFactorOptions {
  readonly db: Db
  readonly clock: Clock
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly provePassword: ProvePassword
  readonly secondFactor: SecondFactor
}

/** Both are needed; a missing code is a wrong one. */
export interface DisableProof {
  readonly password: string
  readonly code: string | undefined
}

const action = 'two_factor.disabled'

/**
 * Stops asking for codes, for a member who proves the password and a code. The seed and the backup codes are gone, and so is
 * every other session. Throws `accounts.two_factor_off`, `accounts.proof_incorrect` and `accounts.busy`.
 */
export function createDisableTwoFactor(options: DisableTwoFactorOptions) {
  const { db, clock, throttle, audit, notify, endAccess, provePassword, secondFactor } = options

  const refuse = async (reason: string, asking: Asking): Promise<never> => {
    const refusal = { action, result: 'refused', ...askedBySelf(asking), details: { reason } } as const
    await db.withSystem((tx) => audit.record(tx, refusal))
    throw accountsErrors.proofIncorrect()
  }

  const turnOff = async (tx: Tx, user: UserRow, asking: Asking): Promise<true> => {
    const { userId, sessionId } = asking.actor
    await removeSecondFactor(tx, { userId, now: clock.now(), throttle })
    await endAccess(tx, { userId, reason: 'factor', exceptSessionId: sessionId })
    await notify(tx, user, { kind: 'twoFactorDisabled', facts: asking.client })
    await audit.record(tx, { action, result: 'ok', ...askedBySelf(asking) })
    return true
  }

  return async ({ password, code }: DisableProof, asking: Asking): Promise<void> => {
    const user = await findUser(db, asking.actor.userId)
    if (!user?.two_factor_enabled) throw accountsErrors.twoFactorOff()
    if (code === undefined) return refuse('no_code', asking)
    const proven = await provePassword({ user, password, client: asking.client })
    if (proven !== 'right') return refuse(`password_${proven}`, asking)
    // Note: on its own, so that wrong codes beside the right password do not lock the password.
    await db.withSystem((tx) => throttle.clear(tx, PASSWORD_POLICY, user.id))
    const isOff = await secondFactor.try({
      userId: user.id,
      code,
      ...asking,
      action,
      object: async (_tx, held) => (held.password_hash === user.password_hash ? undefined : 'superseded'),
      complete: (tx, held) => turnOff(tx, held, asking),
    })
    if (!isOff) throw accountsErrors.proofIncorrect()
  }
}
