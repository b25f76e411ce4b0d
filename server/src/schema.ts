import { accountsMigrations, accountsTables } from './modules/accounts/index.ts'
import { vaultMigrations, vaultTables } from './modules/vault/index.ts'
import type { AnyTable, Migration } from './platform/db/index.ts'
import { platformMigrations, platformTables } from './platform/platform-schema.ts'

/** Every table of the product, in an order in which they can be created. */
export const tables: readonly AnyTable[] = [...platformTables, ...accountsTables, ...vaultTables]

/** Every step of the one history. */
export const migrations: readonly Migration[] = [
  ...platformMigrations,
  ...accountsMigrations,
  ...vaultMigrations,
]
