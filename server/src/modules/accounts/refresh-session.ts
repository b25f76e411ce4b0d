import type { Audit } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import { type ParsedRefreshToken, parseRefreshToken } from '../../platform/crypto/refresh-token.ts'
import type { Db, Tx } from '../../platform/db/index.ts'
import { askedFrom } from './accounts.audit.ts'
import { accountsErrors } from './accounts.errors.ts'
import { accountsPolicy, isAtLeast } from './accounts.policy.ts'
import type { ClientFacts } from './client-facts.ts'
import type { Notify } from './notices.ts'
import { findSession, revokeSession, rotateSession } from './session.store.ts'
import type { SessionRow } from './session.table.ts'
import { type IssuedTokens, idleMsOf, type SessionTokens } from './session-tokens.ts'
import type { SignedInUsers } from './signed-in-users.ts'
import { findUser } from './user.store.ts'
import type { UserRow } from './user.table.ts'

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

type Outcome =
  | { readonly issued: IssuedTokens }
  | { readonly refused: 'unknown' | 'closed' | 'ended' | 'reuse'; readonly session?: SessionRow }

/**
 * Turns a refresh token into the next tokens. Each is spent by its first use; within the grace its successor is given
 * again, as long as that one is unused. A token spent earlier than that is stolen goods: the whole session ends (C28 to
 * C30; RFC 9700 section 4.14.2).
 */
export function createRefreshSession(options: RefreshOptions) {
  const { db, clock, tokens, audit, notify, signedInUsers, graceMs } = options

  const isLive = (session: SessionRow, user: UserRow): boolean => {
    const now = clock.now()
    if (session.revoked_at !== null || session.expires_at <= now || session.idle_expires_at <= now)
      return false
    // Note: the role may have risen since the session was used last, and with it the rule.
    return session.refreshed_at.getTime() + idleMsOf(user.role) > now.getTime()
  }

  const isRepeat = (session: SessionRow, user: UserRow, { counter }: ParsedRefreshToken): boolean => {
    const grace = isAtLeast(user.role, 'admin') ? 0 : graceMs
    // Note: another node's clock may be a little ahead; one set back must not lengthen the grace.
    const spentMs = Math.abs(clock.now().getTime() - session.refreshed_at.getTime())
    return counter === session.refresh_counter - 1 && spentMs < grace
  }

  const rotate = async (tx: Tx, session: SessionRow, user: UserRow): Promise<Outcome | undefined> => {
    const now = clock.now()
    const next = {
      ...session,
      refresh_counter: session.refresh_counter + 1,
      refreshed_at: now,
      idle_expires_at: new Date(Math.min(now.getTime() + idleMsOf(user.role), session.expires_at.getTime())),
    }
    return (await rotateSession(tx, next)) ? { issued: tokens.issue(next) } : undefined
  }

  const endStolen = async (
    tx: Tx,
    { id }: SessionRow,
    { user, client }: { user: UserRow; client: ClientFacts },
  ) => {
    if (!(await revokeSession(tx, { id, now: clock.now(), reason: 'reuse' }))) return
    signedInUsers.changed(tx, user.id)
    const { address, userAgent } = client
    await notify(tx, user, { kind: 'sessionStolen', facts: { address, userAgent } })
  }

  const spend = async (tx: Tx, token: ParsedRefreshToken, client: ClientFacts): Promise<Outcome> => {
    const session = await findSession(tx, token.sessionId)
    if (!session || !tokens.isGenuine(session, token)) return { refused: 'unknown' }
    const user = await findUser(tx, session.user_id)
    if (!user || !accountsPolicy.holdSession(user, clock.now())) return { refused: 'closed', session }
    if (!isLive(session, user)) return { refused: 'ended', session }
    // Note: whoever loses the race for a token looks again, and finds it spent a moment ago.
    if (token.counter === session.refresh_counter) {
      return (await rotate(tx, session, user)) ?? spend(tx, token, client)
    }
    if (isRepeat(session, user, token)) return { issued: tokens.issue(session) }
    await endStolen(tx, session, { user, client })
    return { refused: 'reuse', session }
  }

  return async (text: string, client: ClientFacts): Promise<IssuedTokens> => {
    const token = parseRefreshToken(text)
    const outcome = await db.withSystem(async (tx): Promise<Outcome> => {
      const result: Outcome = token ? await spend(tx, token, client) : { refused: 'unknown' }
      if ('issued' in result) return result
      const { refused, session } = result
      await audit.record(tx, {
        action: 'session.refresh',
        result: 'refused',
        ...(session ? { sessionId: session.id, objectType: 'user', objectId: session.user_id } : {}),
        ...askedFrom(client),
        details: { reason: refused },
      })
      return result
    })
    if ('issued' in outcome) return outcome.issued
    throw accountsErrors.refreshInvalid()
  }
}
