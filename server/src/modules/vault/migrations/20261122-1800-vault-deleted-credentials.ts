import { defineMigration } from '../../../platform/db/index.ts'

const create = `create index "idx_user_credentials_deleted" on "user_credentials" ("user_id", "deleted_at", "id") where deleted_at is not null`

/** What a member has deleted in the order of its list: a page far back costs what the first one costs. */
export const vaultDeletedCredentialsMigration = defineMigration({
  id: '20261122-1800-vault-deleted-credentials',
  steps: [{ sqlite: [create], postgres: [create] }],
})
