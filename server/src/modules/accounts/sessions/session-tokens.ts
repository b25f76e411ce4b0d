import type { KeyObject } from 'node:crypto'
import type { UserRole } from '@outcry/contract/accounts'
import type { Clock } from '../../../platform/clock.ts'
import type { AccessTokens } from '../../../platform/crypto/access-token.ts'
import type { KeySet, SecretKey } from '../../../platform/crypto/key-ring.ts'
import {
  deriveRefreshToken,
  deriveSessionKey,
  isRefreshTokenOf,
  type ParsedRefreshToken,
} from '../../../platform/crypto/refresh-token.ts'
import type { NewRow } from '../../../platform/db/index.ts'
import { DAY, HOUR } from '../../../platform/durations.ts'
import { isAtLeast } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { UserRow } from '../users/user.table.ts'
import type { SessionRow, sessions } from './session.table.ts'

const IDLE_MS = 7 * DAY // C31; NIST SP 800-63B 2.1.3
const ADMIN_IDLE_MS = HOUR // C47; NIST SP 800-63B 2.2.3
/** How long a session may live, however busy. */
export const ABSOLUTE_MS = 30 * DAY

/** How long a session may rest between two refreshes, by its member's role. */
export function idleMsOf(role: UserRole): number {
  return isAtLeast(role, 'admin') ? ADMIN_IDLE_MS : IDLE_MS
}

/** The tokens of one session, as they go out. */
export interface IssuedTokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly token_type: 'bearer'
  readonly expires_in: number
}

export interface SessionTokens {
  /** A session that begins now; not stored yet. */
  begin(signIn: {
    user: Pick<UserRow, 'id' | 'role'>
    methods: readonly string[]
    client: ClientFacts
  }): NewRow<typeof sessions> & Pick<SessionRow, SessionFacts>
  /** The tokens of a session at its present counter: the same refresh token every time, a new access token each. */
  issue(session: Pick<SessionRow, SessionFacts>): IssuedTokens
  /** Issues the tokens of the session that a parsed refresh token was made for; `undefined` for another's. */
  issuerOf(
    session: Pick<SessionRow, 'id' | 'refresh_key_id'>,
    token: ParsedRefreshToken,
  ): SessionTokens['issue'] | undefined
}

type SessionFacts =
  | 'id'
  | 'user_id'
  | 'authenticated_at'
  | 'idle_expires_at'
  | 'amr'
  | 'refresh_key_id'
  | 'refresh_counter'

export interface SessionTokensOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly accessTokens: AccessTokens
  readonly refreshKeys: KeySet<SecretKey>
}

export function createSessionTokens({
  clock,
  newId,
  accessTokens,
  refreshKeys,
}: SessionTokensOptions): SessionTokens {
  const keyOf = (session: Pick<SessionRow, 'id' | 'refresh_key_id'>) => {
    const ringKey = refreshKeys.byId.get(session.refresh_key_id)
    return ringKey && deriveSessionKey(ringKey.key, session.id)
  }
  const issueWith = (key: KeyObject, session: Pick<SessionRow, SessionFacts>): IssuedTokens => {
    const grant = {
      subject: session.user_id,
      sessionId: session.id,
      authenticatedAt: session.authenticated_at,
      methods: session.amr,
    }
    // Note: a session ends by resting, however long the operator lets access tokens live.
    const { token, claims } = accessTokens.mint(grant, session.idle_expires_at)
    return {
      access_token: token,
      refresh_token: deriveRefreshToken(key, session.id, session.refresh_counter),
      token_type: 'bearer',
      expires_in: Math.round((claims.expiresAt.getTime() - claims.issuedAt.getTime()) / 1000),
    }
  }
  return {
    issue(session) {
      const key = keyOf(session)
      if (!key) throw new Error('The key ring no longer holds the key of a live session.')
      return issueWith(key, session)
    },
    issuerOf(session, token) {
      const key = keyOf(session)
      return key && isRefreshTokenOf(key, token) ? (next) => issueWith(key, next) : undefined
    },
    begin({ user, methods, client }) {
      const now = clock.now()
      return {
        id: newId(),
        user_id: user.id,
        created_at: now,
        updated_at: now,
        last_seen_at: now,
        expires_at: new Date(now.getTime() + ABSOLUTE_MS),
        idle_expires_at: new Date(now.getTime() + idleMsOf(user.role)),
        authenticated_at: now,
        amr: methods,
        refresh_key_id: refreshKeys.current.id,
        refresh_counter: 0,
        refreshed_at: now,
        user_agent: client.userAgent,
        ip_address: client.address,
      }
    },
  }
}
