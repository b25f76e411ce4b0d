import { accountLimits } from '@outcry/contract/accounts'
import {
  bytes,
  canonical,
  defineTable,
  index,
  integer,
  type Row,
  timestamptz,
  unique,
  uuid,
} from '../../../platform/db/index.ts'

/**
 * Addresses that members had and may have back, by the SHA-256 of the token that was mailed there. Until a row ends, its
 * address is nobody else's to take.
 */
export const emailUndoTokens = defineTable(
  'email_undo_tokens',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    email: canonical(accountLimits.email),
    /** Counts a member's changes that can be undone, because the clocks of two nodes may disagree about their order. */
    step: integer(),
    token_hash: bytes(32),
    expires_at: timestamptz(),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [unique('token_hash'), unique('user_id', 'step'), index('email'), index('expires_at')],
  },
)

export type EmailUndoTokenRow = Row<typeof emailUndoTokens>
