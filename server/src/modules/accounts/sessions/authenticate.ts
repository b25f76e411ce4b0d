import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import type { Clock } from '../../../platform/clock.ts'
import type { AccessTokens } from '../../../platform/crypto/access-token.ts'
import type { AuthenticateToken, TokenUse } from '../personal-tokens/authenticate-token.ts'
import { isPersonalTokenText } from '../personal-tokens/personal-token.ts'
import { scopesWithin } from '../personal-tokens/token-scopes.ts'
import { asOf } from '../users/standing.ts'
import type { UserRow } from '../users/user.table.ts'
import type { SignedInRow } from './session.store.ts'
import type { SignedInUsers } from './signed-in-users.ts'

/** A member as the account is now, with the session or the personal access token that they act by. */
export interface SignedInUser {
  readonly id: string
  readonly role: UserRole
  readonly status: UserStatus
  readonly sessionId?: string
  readonly authenticatedAt?: Date
  /** What the token was made for and what that includes; absent for a session, which may do all that its member may. */
  readonly scopes?: readonly string[]
  /** The token and what it is bound to; absent for a session. */
  readonly token?: BoundToken
}

/** What a personal access token is bound to beside its scopes, its address ranges being obeyed already. */
export interface BoundToken {
  readonly id: string
  readonly credentialId: string | null
  readonly pathPatterns: readonly string[]
  readonly ratePerMinute: number | null
}

/** A token, and how it came. */
export interface OfferedCredential {
  readonly kind: 'bearer' | 'cookie'
  readonly token: string
}

/** What a token is offered for, and from where. */
export interface TokenContext extends TokenUse {
  readonly mustBeCurrent: boolean
}

export interface Authentication {
  /**
   * Answers who an access token or a personal access token belongs to; `undefined` when it is not ours, has ended, or its
   * session has. With `mustBeCurrent` nothing that was remembered is trusted, so a revocation binds this very request (C32).
   * Personal access tokens are for programs and good in no cookie. They are never remembered, never fresh, and hold no office:
   * no scope is for administration. A promise only when something is read.
   */
  authenticate(
    credential: OfferedCredential,
    context: TokenContext,
  ): SignedInUser | undefined | Promise<SignedInUser | undefined>
  /** The row that an actor was authenticated with; `undefined` for an actor from elsewhere. */
  rowOf(actor: object): UserRow | undefined
}

type Means = Pick<SignedInUser, 'role' | 'sessionId' | 'authenticatedAt' | 'scopes' | 'token'>

/** An actor with the row they were authenticated with, where nothing lists or prints it. */
class Authenticated implements SignedInUser {
  readonly id: string
  readonly role: UserRole
  readonly status: UserStatus
  readonly sessionId?: string
  readonly authenticatedAt?: Date
  readonly scopes?: readonly string[]
  readonly token?: BoundToken
  readonly #row: UserRow

  constructor(row: UserRow, { role, sessionId, authenticatedAt, scopes, token }: Means) {
    this.id = row.id
    this.role = role
    this.status = row.status
    if (sessionId !== undefined) this.sessionId = sessionId
    if (authenticatedAt !== undefined) this.authenticatedAt = authenticatedAt
    if (scopes !== undefined) this.scopes = scopes
    if (token !== undefined) this.token = token
    this.#row = row
  }

  static rowOf(this: void, actor: object): UserRow | undefined {
    return #row in actor ? actor.#row : undefined
  }
}

export function createAuthentication(options: {
  clock: Clock
  accessTokens: AccessTokens
  signedInUsers: SignedInUsers
  authenticateToken: AuthenticateToken
}): Authentication {
  const { clock, accessTokens, signedInUsers, authenticateToken } = options

  const inSession = (found: SignedInRow | undefined, sessionId: string): SignedInUser | undefined => {
    const now = clock.now()
    if (!found || found.session_revoked_at !== null || found.session_expires_at <= now) return undefined
    const row = asOf(found, now)
    const { role, session_authenticated_at: authenticatedAt } = row
    return new Authenticated(row, { role, sessionId, authenticatedAt })
  }

  const bySession = (token: string, mustBeCurrent: boolean) => {
    const claims = accessTokens.verify(token)
    if (!claims) return undefined
    const { sessionId, subject: userId } = claims
    const found = signedInUsers.find({ sessionId, userId }, mustBeCurrent)
    if (found instanceof Promise) return found.then((row) => inSession(row, sessionId))
    return inSession(found, sessionId)
  }

  const byPersonalToken = async (text: string, use: TokenUse): Promise<SignedInUser | undefined> => {
    const found = await authenticateToken(text, use)
    if (!found) return undefined
    const row = asOf(found, clock.now())
    const token = {
      id: row.token_id,
      credentialId: row.token_credential_id,
      pathPatterns: row.token_path_patterns,
      ratePerMinute: row.token_rate_per_minute,
    }
    return new Authenticated(row, { role: 'user', scopes: scopesWithin(row.token_scopes), token })
  }

  return {
    authenticate({ kind, token }, context) {
      if (kind === 'bearer' && isPersonalTokenText(token)) return byPersonalToken(token, context)
      return bySession(token, context.mustBeCurrent)
    },
    rowOf: Authenticated.rowOf,
  }
}
