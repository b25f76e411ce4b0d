import { boolean, defineTable, type Row, text, timestamptz, unique, uuid } from '../../platform/db/index.ts'

/** A member's trading desks. */
export const userAccounts = defineTable(
  'user_accounts',
  {
    id: uuid().primaryKey(),
    user_id: uuid().references('users', 'id', 'cascade'),
    created_at: timestamptz(),
    updated_at: timestamptz(),
    account_name: text(255),
    is_active: boolean().default(true),
  },
  {
    access: { kind: 'private', owner: 'user_id' },
    indexes: [
      unique('id', 'user_id'),
      { kind: 'index', columns: ['user_id', 'created_at', 'id'] },
      { kind: 'index', columns: ['user_id', 'account_name'] },
    ],
  },
)

export type UserAccountRow = Row<typeof userAccounts>
