import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import type { Clock } from '../../platform/clock.ts'
import type { AccessTokens } from '../../platform/crypto/access-token.ts'
import type { Db } from '../../platform/db/index.ts'
import { findSignedInUser } from './session.store.ts'

/** A signed-in member, as the account and the session are at this moment. */
export interface SignedInUser {
  readonly id: string
  readonly role: UserRole
  readonly status: UserStatus
  readonly sessionId: string
  readonly authenticatedAt: Date
}

/**
 * Answers who an access token belongs to; `undefined` when it is not ours, has ended, or its session has. The session
 * and the account are read each time, so a revocation or a change of role binds the next request (C32, C48).
 */
export function createAuthenticate(options: { db: Db; clock: Clock; accessTokens: AccessTokens }) {
  const { db, clock, accessTokens } = options
  return async (token: string): Promise<SignedInUser | undefined> => {
    const claims = accessTokens.verify(token)
    if (!claims) return undefined
    const at = { sessionId: claims.sessionId, userId: claims.subject }
    const found = await findSignedInUser(db.asMember(claims.subject), at)
    if (!found || found.revoked_at !== null || found.expires_at <= clock.now()) return undefined
    const { id, role, status, authenticated_at } = found
    return { id, role, status, sessionId: claims.sessionId, authenticatedAt: authenticated_at }
  }
}
