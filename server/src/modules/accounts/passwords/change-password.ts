import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { holdMember } from '../sessions/hold-member.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'
import { findUser, updateUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import type { PasswordHash, Passwords } from './password.ts'
import type { ProvenPassword, ProvePassword } from './prove-password.ts'

export interface ChangePasswordOptions {
  readonly db: Db
  readonly clock: Clock
  readonly passwords: Passwords
  readonly provePassword: ProvePassword
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
}

export interface PasswordChange {
  readonly current: string
  readonly next: string
}

type Refusal = Exclude<ProvenPassword, 'right'> | 'superseded'

/**
 * Changing one's password by proving the present one. Every other session ends, and with it what was begun elsewhere; failed
 * tries are forgotten. Throws `accounts.password_wrong` for a wrong and for a locked password, alike.
 */
export function createChangePassword(options: ChangePasswordOptions) {
  const { db, clock, passwords, provePassword, throttle, audit, notify, endAccess } = options
  const action = 'account.password_changed'
  const factsOf = ({ userId, sessionId }: SessionOf, client: ClientFacts) => ({
    action,
    actorId: userId,
    sessionId,
    ...aboutUser(userId),
    ...askedFrom(client),
  })

  const refuse = async (reason: Refusal, actor: SessionOf, client: ClientFacts): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, { ...factsOf(actor, client), result: 'refused', details: { reason } }),
    )
    throw accountsErrors.passwordWrong()
  }

  const refuseSame = ({ current, next }: PasswordChange): void => {
    if (current !== next) return
    const message = 'is the password you have; choose another one'
    throw accountsErrors.passwordRefused(
      { reason: 'It is the one you have; choose another one.' },
      { errors: [{ path: 'body.new_password', message }] },
    )
  }

  const replace = (
    user: UserRow,
    to: PasswordHash,
    { actor, client }: { actor: SessionOf; client: ClientFacts },
  ): Promise<boolean> =>
    db.withSystem(async (tx) => {
      const now = clock.now()
      await throttle.reset(tx, PASSWORD_POLICY, user.id)
      const held = await holdMember(tx, actor, now)
      if (held?.password_hash !== user.password_hash) return false
      await updateUser(tx, user.id, { password_hash: to, updated_at: now })
      await endAccess(tx, { userId: user.id, reason: 'password', exceptSessionId: actor.sessionId })
      const { address, userAgent } = client
      await notify(tx, user, { kind: 'passwordChanged', facts: { address, userAgent } })
      await audit.record(tx, { ...factsOf(actor, client), result: 'ok' })
      return true
    })

  return async (change: PasswordChange, actor: SessionOf, client: ClientFacts): Promise<void> => {
    refuseSame(change)
    const user = await findUser(db, actor.userId)
    if (!user) return refuse('wrong', actor, client)
    // Note: hashed before the present password is proven, so that a refusal of the rules or of a busy server counts as no
    // failure, and right, wrong and locked take the same time.
    const password_hash = await passwords.hash(change.next, user, 'body.new_password')
    const proven = await provePassword({ user, password: change.current, client })
    if (proven !== 'right') return refuse(proven, actor, client)
    if (!(await replace(user, password_hash, { actor, client }))) return refuse('superseded', actor, client)
  }
}
