import { accountsMigrations, accountsTables } from './modules/accounts/index.ts'
import { vaultMigrations, vaultTables } from './modules/vault/index.ts'
import type { AnyTable, Migration } from './platform/db/index.ts'
import { platformMigrations, platformTables } from './platform/platform-schema.ts'

/** Every table of the product, in an order in which they can be created. */
export const tables: readonly AnyTable[] = [...platformTables, ...accountsTables, ...vaultTables]

const ofTheVault: readonly AnyTable[] = vaultTables

/** Whose keys open the sealed values of which tables: the server's, or those that the vault process alone has. */
export const sealedTables = {
  server: tables.filter((table) => !ofTheVault.includes(table)),
  vault: ofTheVault,
}

/** Every step of the one history. */
export const migrations: readonly Migration[] = [
  ...platformMigrations,
  ...accountsMigrations,
  ...vaultMigrations,
]
