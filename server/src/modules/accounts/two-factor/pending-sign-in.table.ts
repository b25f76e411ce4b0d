import {
  array,
  bytes,
  defineTable,
  index,
  type Row,
  text,
  timestamptz,
  unique,
  uuid,
} from '../../../platform/db/index.ts'

/** Sign-ins whose password was right and whose second factor is still to come, by the SHA-256 of their token. */
export const pendingSignIns = defineTable(
  'pending_sign_ins',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    expires_at: timestamptz(),
    token_hash: bytes(32),
    /** SHA-256 of the cookie of the browser that began, which alone may go on; none when no browser did (C20). */
    browser_hash: bytes(32).nullable(),
    /** What was proven so far; RFC 8176. */
    amr: array(text(16)),
    used_at: timestamptz().nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('token_hash'), index('user_id'), index('expires_at')],
  },
)

export type PendingSignInRow = Row<typeof pendingSignIns>
