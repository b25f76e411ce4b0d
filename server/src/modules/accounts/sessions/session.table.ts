import {
  array,
  bigint,
  defineTable,
  enumOf,
  index,
  type Row,
  text,
  timestamptz,
  uuid,
} from '../../../platform/db/index.ts'

/** Why a session ended before its time. */
export const revocationReasons = [
  'logout',
  'reuse',
  'password',
  'factor',
  'account',
  'admin',
  'limit',
] as const

/**
 * Signed-in sessions. A refresh token is derived from the key ring, the session and `refresh_counter`, so the row holds
 * nothing that could be used as one.
 */
export const sessions = defineTable(
  'sessions',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    updated_at: timestamptz(),
    last_seen_at: timestamptz(),
    /** The end, however active the session is. */
    expires_at: timestamptz(),
    /** The end unless it is refreshed before. */
    idle_expires_at: timestamptz(),
    authenticated_at: timestamptz(),
    /** Authentication methods, RFC 8176. */
    amr: array(text(16)),
    refresh_key_id: text(64),
    refresh_counter: bigint().default(0),
    refreshed_at: timestamptz(),
    revoked_at: timestamptz().nullable(),
    revocation_reason: enumOf(revocationReasons).nullable(),
    user_agent: text(512),
    ip_address: text(45),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [index('user_id', 'created_at'), index('expires_at')],
  },
)

export type SessionRow = Row<typeof sessions>
