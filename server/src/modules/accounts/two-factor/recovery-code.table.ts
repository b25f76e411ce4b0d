import { bytes, defineTable, timestamptz, unique, uuid } from '../../../platform/db/index.ts'

/** Codes that stand in once each for a lost second factor, by their SHA-256; 120 random bits need no slower hash (C17). */
export const recoveryCodes = defineTable(
  'recovery_codes',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    code_hash: bytes(32),
    used_at: timestamptz().nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('user_id', 'code_hash')],
  },
)
