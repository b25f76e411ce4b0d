import {
  array,
  bytes,
  defineTable,
  index,
  integer,
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
    /** The one broker credential it may be used with; every one of its owner when null. */
    credential_id: uuid().nullable(),
    /** Paths at the broker it may ask for, `*` for the rest of a segment and `**` for the rest of the path; all when empty. */
    path_patterns: array(text(200)).default([]),
    /** Addresses and networks in CIDR notation that it may come from; anywhere when empty. */
    address_ranges: array(text(49)).default([]),
    /** At most so many requests a minute; as every account when null. */
    rate_per_minute: integer().nullable(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('token_hash'), index('user_id', 'created_at'), index('expires_at')],
  },
)

export type PersonalTokenRow = Row<typeof personalAccessTokens>
