import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { createOpaqueToken, digestToken } from '../../../platform/crypto/opaque-token.ts'
import { type Db, isUniqueViolation, type Tx } from '../../../platform/db/index.ts'
import { HOUR } from '../../../platform/durations.ts'
import type { Mail } from '../../../platform/mail/mail.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { ClientFacts } from '../client-facts.ts'
import { deleteVerificationTokensOf } from '../registration/email-verification-token.store.ts'
import type { Site } from '../registration/verification-mail.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import { holdMember } from '../sessions/hold-member.ts'
import type { UserRow } from '../users/user.table.ts'
import { changeEmail } from '../users/user-email.store.ts'
import { emailUndoMail } from './email-change-mails.ts'
import { consumeEmailChangeToken, findEmailChangeToken } from './email-change-token.store.ts'
import type { EmailChangeTokenRow } from './email-change-token.table.ts'
import { AddressHeldError, assertNotHeld, insertEmailUndoToken } from './email-undo-token.store.ts'

const UNDO_TTL_MS = 72 * HOUR // C23
const action = 'account.email_changed'

export interface ConfirmEmailChangeOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly mail: Mail
  readonly site: Site
  readonly audit: Audit
  readonly endAccess: EndAccess
}

/** Thrown to undo a transaction whose token another request has spent, or whose member or session is not active any more. */
class TokenSpent extends Error {}

/**
 * Gives a member the address that a mailed token proves, as long as the session that asked is open: whoever ends that one,
 * because it was stolen, ends what it asked for. Every other session ends, and with them what was begun or mailed before;
 * the address of before gets a link that undoes it for 72 hours, and is nobody else's to take until then (C23). Throws
 * `accounts.token_invalid`, and `accounts.email_taken` when somebody got the address first.
 */
export function createConfirmEmailChange(options: ConfirmEmailChangeOptions) {
  const { db, clock, newId, mail, site, audit, endAccess } = options

  const refuse = async (client: ClientFacts, reason: 'spent' | 'taken', userId?: string): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, {
        action,
        result: 'refused',
        ...(userId === undefined ? {} : aboutUser(userId)),
        ...askedFrom(client),
        details: { reason },
      }),
    )
    throw reason === 'taken' ? accountsErrors.emailTaken() : accountsErrors.tokenInvalid()
  }

  const offerUndo = async (tx: Tx, { id, email, username }: UserRow) => {
    const token = createOpaqueToken()
    const now = clock.now()
    await insertEmailUndoToken(tx, {
      id: newId(),
      user_id: id,
      created_at: now,
      email,
      token_hash: digestToken(token),
      expires_at: new Date(now.getTime() + UNDO_TTL_MS),
    })
    await mail.queue(tx, emailUndoMail({ to: email, username, token, site, at: now }))
  }

  const write = async (tx: Tx, asked: EmailChangeTokenRow, client: ClientFacts) => {
    const { user_id: id, email: to, session_id: sessionId } = asked
    const now = clock.now()
    // Note: verification tokens before the member, as whoever proves an address or deletes an account locks them.
    await deleteVerificationTokensOf(tx, id)
    const user = await holdMember(tx, { userId: id, sessionId }, now)
    if (!user) throw new TokenSpent()
    if (!(await consumeEmailChangeToken(tx, { hash: asked.token_hash, now }))) throw new TokenSpent()
    if (!(await changeEmail(tx, { id, from: user.email, to, now }))) throw new TokenSpent()
    await assertNotHeld(tx, { emails: [to], now, userId: id })
    await endAccess(tx, { userId: id, reason: 'account', exceptSessionId: sessionId })
    await offerUndo(tx, user)
    await audit.record(tx, { action, result: 'ok', actorId: id, ...aboutUser(id), ...askedFrom(client) })
  }

  return async (token: string, client: ClientFacts): Promise<void> => {
    const hash = digestToken(token)
    const asked = await findEmailChangeToken(db.asSystem(), { hash, now: clock.now() })
    if (!asked) return refuse(client, 'spent')
    try {
      await db.withSystem((tx) => write(tx, asked, client))
    } catch (error) {
      const isTaken = error instanceof AddressHeldError || isUniqueViolation(error, 'email')
      if (isTaken) return refuse(client, 'taken', asked.user_id)
      if (error instanceof TokenSpent) return refuse(client, 'spent', asked.user_id)
      throw error
    }
  }
}
