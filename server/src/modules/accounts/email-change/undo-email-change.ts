import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { digestToken } from '../../../platform/crypto/opaque-token.ts'
import { type Db, isUniqueViolation, type Tx } from '../../../platform/db/index.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import { deletePasskeysSince } from '../passkeys/passkey.store.ts'
import type { MailPasswordReset } from '../passwords/password-reset.ts'
import { deleteVerificationTokensOf } from '../registration/email-verification-token.store.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { lockUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { restoreEmail } from '../users/user-email.store.ts'
import {
  consumeEmailUndoToken,
  deleteEmailUndoTokensAfter,
  findEmailUndoToken,
} from './email-undo-token.store.ts'
import type { EmailUndoTokenRow } from './email-undo-token.table.ts'

const action = 'account.email_change_undone'
const WHAT_NEXT =
  'Set a new password with the link in our other mail, then look through your passkeys and your second factor.'

export interface UndoEmailChangeOptions {
  readonly db: Db
  readonly clock: Clock
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly mailPasswordReset: MailPasswordReset
}

/** Thrown to undo a transaction whose token another request has spent, or whose member is gone. */
class TokenSpent extends Error {}

/**
 * Gives a member the address back that a mailed token proves, whatever happened since: the changes after it cannot be undone
 * any more. Nothing of the time since is trusted: every session, link and token ends, passkeys that were added go, the
 * password is forgotten, and a link that sets a new one is mailed to the restored address (C23). It signs nobody in, skips
 * no second factor, and opens no closed account. Throws `accounts.token_invalid`.
 */
export function createUndoEmailChange(options: UndoEmailChangeOptions) {
  const { db, clock, audit, notify, endAccess, mailPasswordReset } = options

  const refuse = async (client: ClientFacts, userId?: string): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, {
        action,
        result: 'refused',
        ...(userId === undefined ? {} : aboutUser(userId)),
        ...askedFrom(client),
      }),
    )
    throw accountsErrors.tokenInvalid()
  }

  const tell = async (tx: Tx, { user, to }: { user: UserRow; to: string }, client: ClientFacts) => {
    const restored = { ...user, email: to }
    const facts = { address: client.address, userAgent: client.userAgent }
    const kind = 'emailChangeUndone'
    if (user.email !== to) await notify(tx, user, { kind, facts })
    if (!accountsPolicy.holdSession(user, clock.now())) return notify(tx, restored, { kind, facts })
    await notify(tx, restored, { kind, facts: { ...facts, detail: WHAT_NEXT } })
    await mailPasswordReset(tx, restored)
  }

  const write = async (tx: Tx, undo: EmailUndoTokenRow, client: ClientFacts) => {
    const { user_id: id, email: to } = undo
    const now = clock.now()
    // Note: verification tokens before the member, as whoever proves an address or deletes an account locks them.
    await deleteVerificationTokensOf(tx, id)
    const user = await lockUser(tx, id)
    if (!user || user.deleted_at !== null) throw new TokenSpent()
    if (!(await consumeEmailUndoToken(tx, { hash: undo.token_hash, now }))) throw new TokenSpent()
    if (!(await restoreEmail(tx, { id, from: user.email, to, now }))) throw new TokenSpent()
    await deleteEmailUndoTokensAfter(tx, undo)
    await deletePasskeysSince(tx, { userId: id, since: undo.created_at })
    await endAccess(tx, { userId: id, reason: 'account' })
    await tell(tx, { user, to }, client)
    await audit.record(tx, { action, result: 'ok', actorId: id, ...aboutUser(id), ...askedFrom(client) })
  }

  return async (token: string, client: ClientFacts): Promise<void> => {
    const hash = digestToken(token)
    const undo = await findEmailUndoToken(db.asSystem(), { hash, now: clock.now() })
    if (!undo) return refuse(client)
    try {
      await db.withSystem((tx) => write(tx, undo, client))
    } catch (error) {
      // Note: a clash is only possible when another node's clock let go of the address a moment before.
      const isLost = error instanceof TokenSpent || isUniqueViolation(error, 'email')
      if (isLost) return refuse(client, undo.user_id)
      throw error
    }
  }
}
