import { inOrder, migrationChecksum } from '../migrate/migration.ts'
import { type MigrationConnection, migrate, migrationStatus } from '../migrate/migrator.ts'
import { type DatabaseLocation, openForMigration } from '../open-database.ts'
import type { Tx } from '../session.ts'
import { runTransaction } from '../transaction.ts'
import { openForFilling } from './copy-connection.ts'
import { CopyError } from './copy-error.ts'
import { type CopiedTable, type FillOptions, fillTables } from './fill-tables.ts'
import type { RowSource } from './row-source.ts'
import type { Schema } from './schema.ts'
import { clearSeedRows, notEmpty, type SeedRows, seedRowsOf } from './seed-rows.ts'

/** Throws `CopyError` unless the source was made by exactly these migrations. */
export async function requireSameVersion(source: RowSource, schema: Schema): Promise<void> {
  const applied = await source.applied()
  const expected = inOrder(schema.migrations)
  const isSame =
    applied.length === expected.length &&
    expected.every(
      (migration, i) =>
        applied[i]?.id === migration.id && applied[i].checksum === migrationChecksum(migration),
    )
  if (isSame) return
  const isOlder = applied.length < expected.length
  throw new CopyError(
    isOlder
      ? 'The source was made by an older version; migrate it with this version first, or use the version that made it.'
      : 'The source was made by a newer or another version; use the version that made it.',
  )
}

const TABLE_COUNT = {
  sqlite: `select count(*) from sqlite_schema where type = 'table' and name not like 'sqlite!_%' escape '!' and name not like '%!_fts%' escape '!'`,
  postgres: `select count(*) from pg_tables where schemaname = 'public'`,
}

async function requireOurs(connection: MigrationConnection, schema: Schema): Promise<void> {
  const status = await migrationStatus(connection, schema.migrations)
  if (status.unknown.length > 0)
    throw new CopyError('The target was made by a newer version of this program.')
  if (status.applied.length > 0) return
  await connection.exclusively(async () => {
    const others = (await connection.count(TABLE_COUNT[connection.dialect])) - 1 // our own history
    if (others > 0)
      throw new CopyError('The target holds tables of something else; give it a database of its own.')
  })
}

/** The tables of a target at an older version may hold rows already; then nothing of it may change, not even its version. */
async function refuseFilledBeforeMigrating(
  connection: MigrationConnection,
  schema: Schema,
  seeds: SeedRows,
): Promise<void> {
  await requireOurs(connection, schema)
  const { applied, pending } = await migrationStatus(connection, schema.migrations)
  if (applied.length === 0 || pending.length === 0) return
  await connection.exclusively(async () => {
    for (const { name } of schema.tables) {
      const found = await connection.count(
        connection.dialect === 'sqlite'
          ? `select count(*) from sqlite_schema where name = '${name}'`
          : `select count(to_regclass('${name}'))`,
      )
      const rows = found === 0 ? 0 : await connection.count(`select count(*) from "${name}"`)
      if (rows > (seeds.get(name)?.rows ?? 0)) throw notEmpty(name, rows)
    }
  })
}

async function prepare(location: DatabaseLocation, schema: Schema, seeds: SeedRows): Promise<void> {
  const connection = await openForMigration(location)
  try {
    await refuseFilledBeforeMigrating(connection, schema, seeds)
    await migrate(connection, schema)
  } finally {
    await connection.close()
  }
}

/** What a database is filled as, and what follows. */
export interface FillDatabaseOptions extends Omit<FillOptions, 'tables'> {
  readonly schema: Schema
  /** Runs in the same transaction once every row was found again; what it throws undoes everything. */
  readonly afterFill?: ((tx: Tx, copied: readonly CopiedTable[]) => Promise<void>) | undefined
}

/**
 * Migrates an empty database and fills it from `source` in one transaction: a copy that fails or is killed leaves it empty,
 * so it can simply be run again. Throws `CopyError` when the target holds anything.
 */
export async function fillDatabase(
  location: DatabaseLocation,
  source: RowSource,
  options: FillDatabaseOptions,
): Promise<CopiedTable[]> {
  const { schema, afterFill, ...rest } = options
  await requireSameVersion(source, schema)
  const seeds = await seedRowsOf(schema)
  await prepare(location, schema, seeds)
  const connection = await openForFilling(
    location,
    schema.tables.map(({ name }) => name),
  )
  try {
    const copied = await runTransaction(
      connection,
      async (tx) => {
        await clearSeedRows(tx, schema.tables, seeds)
        const tables = await fillTables(tx, source, { ...rest, tables: schema.tables })
        await afterFill?.(tx, tables)
        return tables
      },
      false,
    )
    await connection.control('analyze')
    return copied
  } finally {
    await connection.close()
  }
}
