import type { Migration } from '../../../platform/db/index.ts'
import { accountsTablesMigration } from './20261121-0900-accounts-tables.ts'
import { accountsSignInMigration } from './20261121-1000-accounts-sign-in.ts'
import { accountsBoundTokensMigration } from './20261121-1120-accounts-bound-tokens.ts'
import { accountsEmailChangeMigration } from './20261121-1140-accounts-email-change.ts'

/** This module's steps of the one history. */
export const accountsMigrations: readonly Migration[] = [
  accountsTablesMigration,
  accountsSignInMigration,
  accountsBoundTokensMigration,
  accountsEmailChangeMigration,
]
