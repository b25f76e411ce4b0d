import type { Config } from '../../../server/src/config/config.ts'
import {
  createSessionTokens,
  type IssuedTokens,
} from '../../../server/src/modules/accounts/sessions/session-tokens.ts'
import { systemClock } from '../../../server/src/platform/clock.ts'
import { createAccessTokens } from '../../../server/src/platform/crypto/access-token.ts'
import { createPasswordHasher } from '../../../server/src/platform/crypto/password-hash.ts'
import { createUuidv7 } from '../../../server/src/platform/crypto/uuid.ts'
import type { PreparedInstance } from '../../../server/src/prepare-instance.ts'
import { insertMemberRows, memberRow, sessionRow } from '../../../server/src/testing/member-rows.ts'

/** The password of every seeded member. */
export const PASSWORD = 'correct horse battery staple'

/** A member who is signed in. */
export interface SeededMember {
  readonly id: string
  readonly username: string
  readonly email: string
  readonly sessionId: string
  /** Tokens of their session at its start: the same refresh token every time, a new access token each. */
  issue(): IssuedTokens
}

export interface SeedOptions {
  readonly count: number
  /** The start of every username; a number follows, equally long for all. */
  readonly prefix?: string
  /** Whether they can sign in with `PASSWORD`; all have the same hash, so that it costs one. */
  readonly hasPassword?: boolean
  /** Whether they have yet to prove their address. */
  readonly isPending?: boolean
}

async function hashOnce(config: Config, { keys }: PreparedInstance): Promise<string> {
  const gate = { maxConcurrent: 1, maxQueued: 0 }
  return createPasswordHasher({ params: config.argon2, peppers: keys.passwordPepper, ...gate }).hash(PASSWORD)
}

function sessionTokensOf(config: Config, { keys }: PreparedInstance) {
  const { origin } = config.publicUrl
  const accessTokens = createAccessTokens({
    keys: keys.tokenSigning,
    issuer: origin,
    audience: origin,
    ttlSeconds: 3_600,
    clock: systemClock,
  })
  const newId = createUuidv7(systemClock)
  return createSessionTokens({ clock: systemClock, newId, accessTokens, refreshKeys: keys.refreshToken })
}

/** Adds members, each signed in once. */
export async function seedMembers(
  instance: PreparedInstance,
  config: Config,
  { count, prefix = 'member_', hasPassword = false, isPending = false }: SeedOptions,
): Promise<SeededMember[]> {
  const newId = createUuidv7(systemClock)
  const now = systemClock.now()
  const password_hash = hasPassword ? await hashOnce(config, instance) : null
  const tokens = sessionTokensOf(config, instance)
  const refresh_key_id = instance.keys.refreshToken.current.id
  const members = Array.from({ length: count }, (_, i) => {
    const id = newId()
    const user = {
      ...memberRow(id, `${prefix}${String(i).padStart(6, '0')}`, now),
      display_name: `Member number ${i}`,
      bio: 'Trades what is liquid, writes down why, and reads it again in the evening.',
      password_hash,
      ...(isPending
        ? { status: 'pending_verification' as const, email_verified_at: null }
        : { email_verified_at: now }),
    }
    const session = { ...sessionRow({ id: newId(), user_id: id, refresh_key_id }, now), refresh_counter: 0 }
    return { user, session }
  })
  await insertMemberRows(instance.db, members)
  return members.map(({ user: { id, username, email }, session }) => ({
    id,
    username,
    email,
    sessionId: session.id,
    issue: () => tokens.issue(session),
  }))
}
