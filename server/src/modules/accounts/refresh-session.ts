import type { Audit } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import { parseRefreshToken } from '../../platform/crypto/refresh-token.ts'
import type { Db, Tx } from '../../platform/db/index.ts'
import { accountsErrors } from './accounts.errors.ts'
import { findSession, revokeSession, rotateSession } from './session.store.ts'
import type { SessionRow } from './session.table.ts'
import { type ClientFacts, IDLE_MS, type IssuedTokens, type SessionTokens } from './session-tokens.ts'
import { findUser } from './user.store.ts'

export interface RefreshOptions {
  readonly db: Db
  readonly clock: Clock
  readonly tokens: SessionTokens
  readonly audit: Audit
  /** How long a spent token gets the same successor again, for tabs that ask together and answers that got lost. */
  readonly graceMs: number
}

type Outcome = { readonly tokens: IssuedTokens } | { readonly refused: true }

function isLive(session: SessionRow, now: Date): boolean {
  return session.revoked_at === null && session.expires_at > now && session.idle_expires_at > now
}

/**
 * Turns a refresh token into the next tokens. Each is spent by its first use; within the grace its successor is given
 * again, as long as that one is unused. A token spent earlier than that is stolen goods: the whole session ends (C28 to
 * C30; RFC 9700 section 4.14.2).
 */
export function createRefreshSession({ db, clock, tokens, audit, graceMs }: RefreshOptions) {
  const rotate = async (tx: Tx, session: SessionRow): Promise<Outcome> => {
    const now = clock.now()
    const idleExpiresAt = new Date(Math.min(now.getTime() + IDLE_MS, session.expires_at.getTime()))
    const to = session.refresh_counter + 1
    const won = await rotateSession(tx, {
      id: session.id,
      from: session.refresh_counter,
      to,
      now,
      idleExpiresAt,
    })
    const current = won ? { ...session, refresh_counter: to } : await findSession(tx, session.id)
    if (!current || !isLive(current, now)) return { refused: true }
    return current.refresh_counter === to ? { tokens: tokens.issue(current) } : { refused: true }
  }

  const end = async (tx: Tx, session: SessionRow, client: ClientFacts): Promise<Outcome> => {
    const isFirst = await revokeSession(tx, { id: session.id, now: clock.now(), reason: 'reuse' })
    if (isFirst) {
      await audit.record(tx, {
        action: 'session.reuse_detected',
        result: 'refused',
        actorId: session.user_id,
        sessionId: session.id,
        objectType: 'session',
        objectId: session.id,
        address: client.address,
        requestId: client.requestId,
      })
    }
    return { refused: true }
  }

  return async (text: string, client: ClientFacts): Promise<IssuedTokens> => {
    const token = parseRefreshToken(text)
    if (!token) throw accountsErrors.refreshInvalid()
    const outcome = await db.withSystem(async (tx): Promise<Outcome> => {
      const session = await findSession(tx, token.sessionId)
      const now = clock.now()
      if (!session || !tokens.isGenuine(session, token) || !isLive(session, now)) return { refused: true }
      const user = await findUser(tx, session.user_id)
      if (user?.status !== 'active' && user?.status !== 'pending_verification') return { refused: true }
      if (token.counter === session.refresh_counter) return rotate(tx, session)
      const isWithinGrace = now.getTime() - session.refreshed_at.getTime() < graceMs
      if (token.counter === session.refresh_counter - 1 && isWithinGrace)
        return { tokens: tokens.issue(session) }
      return end(tx, session, client)
    })
    if ('refused' in outcome) throw accountsErrors.refreshInvalid()
    return outcome.tokens
  }
}
