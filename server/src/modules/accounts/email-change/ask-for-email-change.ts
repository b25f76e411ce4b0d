import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { createOpaqueToken, digestToken } from '../../../platform/crypto/opaque-token.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { MINUTE } from '../../../platform/durations.ts'
import type { Mail } from '../../../platform/mail/mail.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type Asking, askedBySelf } from '../asking.ts'
import type { Notify } from '../notices.ts'
import { canonicalEmail } from '../registration/user-names.ts'
import type { Site } from '../registration/verification-mail.ts'
import { holdMember } from '../sessions/hold-member.ts'
import { findUserByEmail } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { emailChangeMail, emailNotFreeMail } from './email-change-mails.ts'
import { deleteEmailChangeTokensOf, insertEmailChangeToken } from './email-change-token.store.ts'
import { findHolders } from './email-undo-token.store.ts'

const TTL_MS = 10 * MINUTE // as long as a reset (C21)

export interface AskForEmailChangeOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly mail: Mail
  readonly site: Site
  readonly audit: Audit
  readonly notify: Notify
}

interface Asked {
  readonly email: string
  readonly isFree: boolean
  readonly asking: Asking
}

/**
 * Asks for another address: a link goes there, a notice to the present one, and what was asked for before is worth nothing.
 * For an address that is not free everything is done the same, but its mail holds no link, so that neither answer nor time
 * tells whose it is (C6). False when the session has ended since the request came in. Throws `accounts.email_invalid` and
 * `accounts.email_same`.
 */
export function createAskForEmailChange(options: AskForEmailChangeOptions) {
  const { db, clock, newId, mail, site, audit, notify } = options

  const isFree = async (tx: Tx, email: string, userId: string): Promise<boolean> => {
    const owner = await findUserByEmail(tx, email)
    const holder = (await findHolders(tx, { emails: [email], now: clock.now() })).get(email)
    return owner === undefined && (holder === undefined || holder === userId)
  }

  const write = async (tx: Tx, user: UserRow, asked: Asked) => {
    const { email, asking } = asked
    const { id, username } = user
    const token = createOpaqueToken()
    const now = clock.now()
    await deleteEmailChangeTokensOf(tx, id)
    await insertEmailChangeToken(tx, {
      id: newId(),
      user_id: id,
      created_at: now,
      email,
      session_id: asking.actor.sessionId,
      token_hash: digestToken(token),
      expires_at: new Date(now.getTime() + TTL_MS),
    })
    const link = emailChangeMail({ to: email, username, token, site })
    await mail.queue(tx, asked.isFree ? link : emailNotFreeMail({ to: email, site }))
    const { address, userAgent } = asking.client
    await notify(tx, user, { kind: 'emailChangeAsked', facts: { address, userAgent } })
    await audit.record(tx, {
      action: 'account.email_change_asked',
      ...(asked.isFree ? { result: 'ok' } : { result: 'refused', details: { reason: 'taken' } }),
      ...askedBySelf(asking),
    })
  }

  return async (typed: string, asking: Asking): Promise<boolean> => {
    const email = canonicalEmail(typed)
    return db.withSystem(async (tx) => {
      const user = await holdMember(tx, asking.actor, clock.now())
      if (!user) return false
      if (user.email === email) throw accountsErrors.emailSame()
      await write(tx, user, { email, isFree: await isFree(tx, email, user.id), asking })
      return true
    })
  }
}
