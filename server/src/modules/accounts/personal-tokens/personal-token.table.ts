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

/** Tokens that members make for their own programs, by their SHA-256. */
export const personalAccessTokens = defineTable(
  'personal_access_tokens',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    updated_at: timestamptz(),
    name: text(64),
    token_hash: bytes(32),
    last_four: text(4),
    scopes: array(text(32)),
    expires_at: timestamptz().nullable(),
    last_used_at: timestamptz().nullable(),
    revoked_at: timestamptz().nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('token_hash'), index('user_id', 'created_at'), index('expires_at')],
  },
)

export type PersonalTokenRow = Row<typeof personalAccessTokens>
