import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { createOpaqueToken, digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import type { Mail } from '../../../platform/mail/mail.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import { deleteVerificationTokensOf } from '../registration/email-verification-token.store.ts'
import type { Site } from '../registration/verification-mail.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { findUser, markEmailVerified, updateUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import type { PasswordHash, Passwords } from './password.ts'
import { passwordResetMail } from './password-reset-mail.ts'
import {
  consumePasswordResetToken,
  findPasswordResetToken,
  insertPasswordResetToken,
} from './password-reset-token.store.ts'

const TTL_MS = 10 * MINUTE // C21; ASVS 6.5.5

export interface MailPasswordResetOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly mail: Mail
  readonly site: Site
}

/** Mails a member a link that sets a new password. */
export type MailPasswordReset = (tx: Tx, user: Pick<UserRow, 'id' | 'email' | 'username'>) => Promise<void>

/**
 * The database keeps the token's digest; the token itself travels in the sealed mail alone. Earlier links stay good for
 * their ten minutes: otherwise a stranger who asks again and again could kill each one before its owner reads it.
 */
export function createMailPasswordReset(options: MailPasswordResetOptions): MailPasswordReset {
  const { clock, newId, mail, site } = options
  return async (tx, { id, email, username }) => {
    const token = createOpaqueToken()
    const now = clock.now()
    await insertPasswordResetToken(tx, {
      id: newId(),
      user_id: id,
      created_at: now,
      token_hash: digestToken(token),
      expires_at: new Date(now.getTime() + TTL_MS),
    })
    await mail.queue(tx, passwordResetMail({ to: email, username, token, site }))
  }
}

export interface ResetPasswordOptions {
  readonly db: Db
  readonly clock: Clock
  readonly passwords: Passwords
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
}

export interface PasswordReset {
  readonly token: string
  readonly password: string
}

/** Thrown to undo a transaction whose token another request has spent. */
class TokenSpent extends Error {}

/**
 * Sets a new password with a mailed token. It proves the mailbox and nothing more: it signs nobody in and skips no second
 * factor; every session, link and token of before ends, a locked or disabled password is open again (C9, C21), and an
 * account that was never verified is (C23). A password that the rules refuse leaves the token as it is.
 */
export function createResetPassword(options: ResetPasswordOptions) {
  const { db, clock, passwords, throttle, audit, notify, endAccess } = options

  const refuse = async (client: ClientFacts, user?: UserRow): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, {
        action: 'account.password_reset',
        result: 'refused',
        ...(user ? aboutUser(user.id) : {}),
        ...askedFrom(client),
      }),
    )
    throw accountsErrors.tokenInvalid()
  }

  const ownerOf = async (hash: Uint8Array): Promise<UserRow | undefined> => {
    const system = db.asSystem()
    const found = await findPasswordResetToken(system, { hash, now: clock.now() })
    return found && findUser(system, found.user_id)
  }

  const write = async (tx: Tx, user: UserRow, change: { hash: Uint8Array; password_hash: PasswordHash }) => {
    const now = clock.now()
    const { id } = user
    // Note: locked in the order of sign-in and verifying, counter and mail tokens before the member, so that none of them
    // waits for another in a circle; the reset token last, because two of one member's may be used at once.
    await throttle.reset(tx, PASSWORD_POLICY, id)
    await deleteVerificationTokensOf(tx, id)
    await updateUser(tx, id, { password_hash: change.password_hash, updated_at: now })
    if (!(await consumePasswordResetToken(tx, { hash: change.hash, now }))) throw new TokenSpent()
    const current = await findUser(tx, id)
    if (!current || !accountsPolicy.holdSession(current, clock.now())) throw new TokenSpent()
    if (current.email_verified_at === null) await markEmailVerified(tx, id, now)
    await endAccess(tx, { userId: id, reason: 'password' })
  }

  return async ({ token, password }: PasswordReset, client: ClientFacts): Promise<void> => {
    const hash = digestToken(token)
    // Note: the answer says whether a token is good, so finding that out before the costly hash tells nobody more.
    const user = await ownerOf(hash)
    if (!user || !accountsPolicy.holdSession(user, clock.now())) return refuse(client, user)
    const password_hash = await passwords.hash(password, user, 'body.new_password')
    try {
      await db.withSystem(async (tx) => {
        await write(tx, user, { hash, password_hash })
        const { address, userAgent } = client
        await notify(tx, user, { kind: 'passwordReset', facts: { address, userAgent } })
        await audit.record(tx, {
          action: 'account.password_reset',
          result: 'ok',
          actorId: user.id,
          ...aboutUser(user.id),
          ...askedFrom(client),
        })
      })
    } catch (error) {
      if (error instanceof TokenSpent) return refuse(client, user)
      throw error
    }
  }
}
