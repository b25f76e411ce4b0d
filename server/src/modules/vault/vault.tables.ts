import { createSql } from '../../platform/db/index.ts'
import { activeCredentials } from './active-credential.table.ts'
import { userCredentials } from './credential.table.ts'
import { userAccounts } from './user-account.table.ts'

/** In the order in which they can be created. */
export const vaultTables = [userAccounts, userCredentials, activeCredentials] as const

/** Builds statements on this module's tables, and on no other's. */
export const sql = createSql(...vaultTables)
