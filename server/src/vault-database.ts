import type { Config } from './config/config.ts'
import { databaseLocation } from './database-location.ts'
import { type Db, type OpenOptions, openDatabase } from './platform/db/index.ts'

const POOL_MAX = 8

/** Opens the database as the vault's process does: what it reads for a use takes as long however much is stored. */
export function openVaultDatabase(config: Config, options: OpenOptions = {}): Db {
  const { database } = config
  const pool = database.kind === 'postgres' ? { poolSize: Math.min(database.poolSize, POOL_MAX) } : {}
  return openDatabase(databaseLocation(config), { ...pool, findsByIndex: true, ...options })
}
