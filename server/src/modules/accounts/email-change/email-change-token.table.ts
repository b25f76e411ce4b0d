import { accountLimits } from '@outcry/contract/accounts'
import {
  bytes,
  canonical,
  defineTable,
  index,
  type Row,
  timestamptz,
  unique,
  uuid,
} from '../../../platform/db/index.ts'

/** Addresses that members asked to have and have not proven yet, one each, by the SHA-256 of the token that was mailed there. */
export const emailChangeTokens = defineTable(
  'email_change_tokens',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    email: canonical(accountLimits.email),
    /** The session that asked; the request ends with it, and it goes on when the address changes. */
    session_id: uuid(),
    token_hash: bytes(32),
    expires_at: timestamptz(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('token_hash'), unique('user_id'), index('expires_at')],
  },
)

export type EmailChangeTokenRow = Row<typeof emailChangeTokens>
