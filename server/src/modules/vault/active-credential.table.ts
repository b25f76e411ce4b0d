import { defineTable, type Row, timestamptz, uuid } from '../../platform/db/index.ts'

/**
 * Which credential a member has chosen. It refers to none in the database, because a choice stays when the credential is
 * gone: the member is told so and chooses anew.
 */
export const activeCredentials = defineTable(
  'active_credentials',
  {
    user_id: uuid().primaryKey().references('users', 'id', 'cascade'),
    credential_id: uuid(),
    chosen_at: timestamptz(),
  },
  { access: { kind: 'private', owner: 'user_id' } },
)

export type ActiveCredentialRow = Row<typeof activeCredentials>
