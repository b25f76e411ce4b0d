import { bytes, defineTable, index, timestamptz, unique, uuid } from '../../../platform/db/index.ts'

/** Single-use tokens that set a new password, by their SHA-256. */
export const passwordResetTokens = defineTable(
  'password_reset_tokens',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    token_hash: bytes(32),
    expires_at: timestamptz(),
    used_at: timestamptz().nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('token_hash'), index('user_id'), index('expires_at')],
  },
)
