import type { Migration } from '../../../platform/db/index.ts'
import { vaultTablesMigration } from './20261121-1100-vault-tables.ts'
import { vaultMultipleCredentialsMigration } from './20261121-1110-vault-multiple-credentials.ts'
import { vaultActiveCredentialsMigration } from './20261121-1130-vault-active-credentials.ts'
import { vaultDeletedCredentialsMigration } from './20261122-1800-vault-deleted-credentials.ts'

/** This module's steps of the one history. */
export const vaultMigrations: readonly Migration[] = [
  vaultTablesMigration,
  vaultMultipleCredentialsMigration,
  vaultActiveCredentialsMigration,
  vaultDeletedCredentialsMigration,
]
