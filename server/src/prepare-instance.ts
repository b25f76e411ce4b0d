import type { Config } from './config/config.ts'
import { databaseLocation } from './database-location.ts'
import type { Clock } from './platform/clock.ts'
import { proveCipher } from './platform/crypto/cipher-proof.ts'
import { openCanary } from './platform/crypto/key-check.ts'
import type { KeyRing } from './platform/crypto/key-ring.ts'
import { type LiveKeyRing, startKeyRing } from './platform/crypto/live-key-ring.ts'
import { serverKeyRing } from './platform/crypto/server-key-ring.ts'
import {
  AccessRefusedError,
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
import type { AppliedMigration } from './platform/db/migrate/migrator.ts'
import { roleOf } from './platform/db/migrate/postgres-migration-connection.ts'
import { readHistory } from './platform/db/migrate/read-history.ts'
import { asOwner } from './platform/db/open-database.ts'
import { platformState } from './platform/migrations/20261121-0804-platform-state.ts'
import { proveKeyRing } from './platform/state/key-proof.ts'
import { readState } from './platform/state/state.ts'
import { migrations, tables } from './schema.ts'

/** A database that is migrated, served by a role that isolates members, and opened by the key ring it was made with. */
export interface PreparedInstance {
  readonly db: Db
  readonly keys: KeyRing
  /** Where the keys come from; it tells when their file goes wrong. */
  readonly keysFile: Pick<LiveKeyRing<KeyRing>, 'onProblem' | 'prove'>
}

type History = readonly AppliedMigration[]

/** What a database held before this start. */
interface Found {
  readonly history: History
  /** The proof of the key ring that it was first served with. */
  readonly canary: string | undefined
}

/** The proof of the key ring that the database was first served with; none before that. */
async function storedCanary(location: DatabaseLocation, history: History): Promise<string | undefined> {
  if (!history.some(({ id }) => id === platformState.id)) return undefined
  const db = openDatabase(asOwner(location))
  return await readState(db, 'key_check').finally(() => db.close())
}

function notReadable({ url, adminUrl }: DatabaseLocation & { kind: 'postgres' }): string {
  return adminUrl === undefined
    ? `The serving role ${roleOf(url)} may not read the tables; start once with OUTCRY_DATABASE_ADMIN_URL, which gives it its rights.`
    : `The role ${roleOf(adminUrl)} of OUTCRY_DATABASE_ADMIN_URL may not read the tables; let it own them.`
}

/** Looks before anything is touched. A database that cannot be read is never taken for an empty one (C59). */
async function lookInto(location: DatabaseLocation): Promise<Found> {
  try {
    const history = await readHistory(location)
    return { history, canary: await storedCanary(location, history) }
  } catch (error) {
    if (location.kind === 'sqlite' || !(error instanceof AccessRefusedError)) throw error
    throw new MigrationError(notReadable(location), { cause: error })
  }
}

/** A failed migration, together with what is wrong with the serving role: often that is why. */
async function withRoleProblems(location: DatabaseLocation, error: unknown): Promise<unknown> {
  if (location.kind !== 'postgres' || !(error instanceof MigrationError)) return error
  const problems = await servingRoleProblems(location.url, []).catch(() => [])
  return new MigrationError([error.message, ...problems].join('\n'), { cause: error })
}

/** Migrates; without an owning role that is possible only when there is nothing to do. */
async function bringUpToDate(
  location: DatabaseLocation,
  history: History,
  onApplied: (id: string) => void,
): Promise<void> {
  const { pending } = await migrationStatus({ applied: async () => [...history] }, migrations)
  const isOwner = location.kind === 'sqlite' || location.adminUrl !== undefined
  if (pending.length === 0 && !isOwner) return
  const connection = await openForMigration(location)
  try {
    await migrate(connection, { migrations, tables, onApplied })
  } catch (error) {
    throw await withRoleProblems(location, error)
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
 * Everything that must hold before serving, in the order in which nothing is touched until it is known to be right: cipher,
 * keys, migrations, row security. Throws an error with one plain sentence for the operator.
 */
export async function prepareInstance(
  config: Config,
  clock: Clock,
  options: OpenOptions & { readonly onApplied?: (id: string) => void } = {},
): Promise<PreparedInstance> {
  proveCipher()
  const location = databaseLocation(config)
  const { history, canary } = await lookInto(location)
  const isFirstStart = canary === undefined
  const keysFile = await startKeyRing(serverKeyRing, config.keysFile, { isFirstStart, clock })
  const keys = keysFile.ring
  if (!isFirstStart) openCanary(serverKeyRing, keys, canary)
  await bringUpToDate(location, history, options.onApplied ?? (() => undefined))
  await assertServingRole(location)
  const openOptions =
    config.database.kind === 'postgres' ? { poolSize: config.database.poolSize, ...options } : options
  const db = openDatabase(location, openOptions)
  try {
    await proveKeyRing(serverKeyRing, keys, { db, clock, name: 'key_check' })
    return { db, keys, keysFile }
  } catch (error) {
    await db.close()
    throw error
  }
}
