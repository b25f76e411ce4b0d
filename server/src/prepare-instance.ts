import { existsSync } from 'node:fs'
import type { Config } from './config/config.ts'
import type { Clock } from './platform/clock.ts'
import { openCanary, sealCanary } from './platform/crypto/key-check.ts'
import { type KeyRing, KeyRingError } from './platform/crypto/key-ring.ts'
import { createKeyRingFile, readKeyRingFile } from './platform/crypto/key-ring-file.ts'
import {
  type DatabaseLocation,
  type Db,
  MigrationError,
  migrate,
  migrationStatus,
  type OpenOptions,
  openDatabase,
  openForMigration,
  servingRoleProblems,
} from './platform/db/index.ts'
import { initialState, readState } from './platform/state/state.ts'
import { migrations, tables } from './schema.ts'

/** A database that is migrated, served by a role that isolates members, and opened by the key ring it was made with. */
export interface PreparedInstance {
  readonly db: Db
  readonly keys: KeyRing
}

/** The database of the settings, with its secrets revealed to the drivers. */
export function databaseLocation(config: Config): DatabaseLocation {
  const { database } = config
  if (database.kind === 'sqlite') return database
  return { kind: 'postgres', url: database.url.reveal(), adminUrl: database.adminUrl?.reveal() }
}

async function keyRingFor(path: string, isFresh: boolean, clock: Clock): Promise<KeyRing> {
  if (existsSync(path)) return readKeyRingFile(path)
  if (isFresh) return createKeyRingFile(path, clock)
  throw new KeyRingError(
    'missing',
    `The key file ${path} is missing, but the database is in use; put the file back.`,
  )
}

/** Refuses another instance's keys before anything is written. */
async function assertOwnKeys(db: Db, keys: KeyRing): Promise<void> {
  const canary = await readState(db, 'key_check')
  if (canary !== undefined) openCanary(keys, Buffer.from(canary, 'base64'))
}

async function bringUpToDate(location: DatabaseLocation, onApplied: (id: string) => void): Promise<void> {
  const connection = await openForMigration(location)
  try {
    await migrate(connection, { migrations, tables, onApplied })
  } finally {
    await connection.close()
  }
}

async function assertServingRole(location: DatabaseLocation): Promise<void> {
  if (location.kind !== 'postgres') return
  const problems = await servingRoleProblems(location.url, tables)
  if (problems.length > 0) throw new MigrationError(problems.join('\n'))
}

/**
 * Everything that must hold before serving, in the order in which nothing is touched until it is known to be right: keys,
 * migrations, row security. Throws an error with one plain sentence for the operator.
 */
export async function prepareInstance(
  config: Config,
  clock: Clock,
  options: OpenOptions & { readonly onApplied?: (id: string) => void } = {},
): Promise<PreparedInstance> {
  const location = databaseLocation(config)
  const connection = await openForMigration(location)
  const status = await migrationStatus(connection, migrations).finally(() => connection.close())
  const isFresh = status.applied.length === 0 && status.unknown.length === 0
  const keys = await keyRingFor(config.keysFile, isFresh, clock)
  const openOptions =
    config.database.kind === 'postgres' ? { poolSize: config.database.poolSize, ...options } : options
  if (!isFresh) {
    const db = openDatabase(location, openOptions)
    await assertOwnKeys(db, keys).finally(() => db.close())
  }
  await bringUpToDate(location, options.onApplied ?? (() => undefined))
  await assertServingRole(location)
  const db = openDatabase(location, openOptions)
  const value = Buffer.from(sealCanary(keys)).toString('base64')
  const canary = await db.withSystem((tx) => initialState(tx, 'key_check', { value, clock }))
  openCanary(keys, Buffer.from(canary, 'base64')) // of two nodes that start together, one has made the ring
  return { db, keys }
}
