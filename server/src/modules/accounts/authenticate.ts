import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import type { Clock } from '../../platform/clock.ts'
import type { AccessTokens } from '../../platform/crypto/access-token.ts'
import type { SignedInUsers } from './signed-in-users.ts'
import type { UserRow } from './user.table.ts'

/** A signed-in member, as the account and the session are. */
export interface SignedInUser {
  readonly id: string
  readonly role: UserRole
  readonly status: UserStatus
  readonly sessionId: string
  readonly authenticatedAt: Date
}

export interface Authentication {
  /**
   * Answers who an access token belongs to; `undefined` when it is not ours, has ended, or its session has. With
   * `mustBeCurrent` nothing that was remembered is trusted, so a revocation binds this very request (C32).
   */
  authenticate(token: string, mustBeCurrent: boolean): Promise<SignedInUser | undefined>
  /** The row that an actor was authenticated with; `undefined` for an actor from elsewhere. */
  rowOf(actor: object): UserRow | undefined
}

export function createAuthentication(options: {
  clock: Clock
  accessTokens: AccessTokens
  signedInUsers: SignedInUsers
}): Authentication {
  const { clock, accessTokens, signedInUsers } = options
  const rows = new WeakMap<object, UserRow>()
  return {
    async authenticate(token, mustBeCurrent) {
      const claims = accessTokens.verify(token)
      if (!claims) return undefined
      const { sessionId, subject: userId } = claims
      const found = await signedInUsers.find({ sessionId, userId }, mustBeCurrent)
      if (!found || found.session_revoked_at !== null || found.session_expires_at <= clock.now())
        return undefined
      const { id, role, status, session_authenticated_at: authenticatedAt } = found
      const actor = { id, role, status, sessionId, authenticatedAt }
      rows.set(actor, found)
      return actor
    },
    rowOf: (actor) => rows.get(actor),
  }
}
