import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { type ParsedRefreshToken, parseRefreshToken } from '../../../platform/crypto/refresh-token.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { accountsPolicy, isAtLeast } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Notify } from '../notices.ts'
import { findUser } from '../users/user.store.ts'
import {
  findRefreshableSession,
  type RefreshableSession,
  revokeSession,
  rotateSession,
} from './session.store.ts'
import type { SessionRow } from './session.table.ts'
import { type IssuedTokens, idleMsOf, type SessionTokens } from './session-tokens.ts'
import type { SignedInUsers } from './signed-in-users.ts'

export interface RefreshOptions {
  readonly db: Db
  readonly clock: Clock
  readonly tokens: SessionTokens
  readonly audit: Audit
  readonly notify: Notify
  readonly signedInUsers: SignedInUsers
  /** How long a spent token gets the same successor again, for tabs that ask together and answers that got lost. */
  readonly graceMs: number
}

interface Refused {
  readonly refused: 'unknown' | 'closed' | 'ended' | 'reuse'
  readonly session?: SessionRow
}

type Outcome = { readonly issued: IssuedTokens } | Refused

/**
 * Turns a refresh token into the next tokens. Each is spent by its first use; within the grace its successor is given
 * again, as long as that one is unused. A token spent earlier than that is stolen goods: the whole session ends (C28 to
 * C30; RFC 9700 section 4.14.2).
 */
export function createRefreshSession(options: RefreshOptions) {
  const { db, clock, tokens, audit, notify, signedInUsers, graceMs } = options

  const isLive = ({ session, user }: RefreshableSession): boolean => {
    const now = clock.now()
    if (session.revoked_at !== null || session.expires_at <= now || session.idle_expires_at <= now)
      return false
    // Note: the role may have risen since the session was used last, and with it the rule.
    return session.refreshed_at.getTime() + idleMsOf(user.role) > now.getTime()
  }

  const isRepeat = ({ session, user }: RefreshableSession, { counter }: ParsedRefreshToken): boolean => {
    const grace = isAtLeast(user.role, 'admin') ? 0 : graceMs
    // Note: another node's clock may be a little ahead; one set back must not lengthen the grace.
    const spentMs = Math.abs(clock.now().getTime() - session.refreshed_at.getTime())
    return counter === session.refresh_counter - 1 && spentMs < grace
  }

  const rotate = async ({ session, user }: RefreshableSession): Promise<SessionRow | undefined> => {
    const now = clock.now()
    const next = {
      ...session,
      refresh_counter: session.refresh_counter + 1,
      refreshed_at: now,
      idle_expires_at: new Date(Math.min(now.getTime() + idleMsOf(user.role), session.expires_at.getTime())),
    }
    return (await db.withSystem((tx) => rotateSession(tx, next))) === 1 ? next : undefined
  }

  // Note: the session is read before the transaction, which then is one statement: it spends the token only if the session
  // still stands as it was read, so whoever loses a race looks again and finds what has become of it.
  const spend = async (token: ParsedRefreshToken): Promise<Outcome> => {
    const found = await findRefreshableSession(db.asSystem(), token.sessionId)
    const issue = found && tokens.issuerOf(found.session, token)
    if (!issue) return { refused: 'unknown' }
    const { session, user } = found
    if (!accountsPolicy.holdSession(user, clock.now())) return { refused: 'closed', session }
    if (!isLive(found)) return { refused: 'ended', session }
    if (token.counter === session.refresh_counter) {
      const next = await rotate(found)
      return next ? { issued: issue(next) } : spend(token)
    }
    return isRepeat(found, token) ? { issued: issue(session) } : { refused: 'reuse', session }
  }

  const endStolen = async (tx: Tx, { id, user_id }: SessionRow, { address, userAgent }: ClientFacts) => {
    if (!(await revokeSession(tx, { id, now: clock.now(), reason: 'reuse' }))) return
    signedInUsers.changed(tx, user_id)
    const user = await findUser(tx, user_id)
    if (user) await notify(tx, user, { kind: 'sessionStolen', facts: { address, userAgent } })
  }

  const refuse = ({ refused, session }: Refused, client: ClientFacts): Promise<void> =>
    db.withSystem(async (tx) => {
      if (refused === 'reuse' && session) await endStolen(tx, session, client)
      await audit.record(tx, {
        action: 'session.refresh',
        result: 'refused',
        ...(session ? { sessionId: session.id, objectType: 'user', objectId: session.user_id } : {}),
        ...askedFrom(client),
        details: { reason: refused },
      })
    })

  return async (text: string, client: ClientFacts): Promise<IssuedTokens> => {
    const token = parseRefreshToken(text)
    const outcome: Outcome = token ? await spend(token) : { refused: 'unknown' }
    if ('issued' in outcome) return outcome.issued
    await refuse(outcome, client)
    throw accountsErrors.refreshInvalid()
  }
}
