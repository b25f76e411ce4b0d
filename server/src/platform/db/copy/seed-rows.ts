import { join } from 'node:path'
import { inScratchFolder } from '../../files/in-scratch-folder.ts'
import { migrate } from '../migrate/migrator.ts'
import { openSqliteForMigration } from '../migrate/sqlite-migration-connection.ts'
import type { DatabaseLocation } from '../open-database.ts'
import { rawStatement } from '../postgres/control-statements.ts'
import { quoteName } from '../schema/quote.ts'
import type { AnyTable } from '../schema/table.ts'
import { READ, type Tx, WRITE } from '../session.ts'
import { CopyError } from './copy-error.ts'
import { portableRows } from './portable-row.ts'
import { readRows } from './read-rows.ts'
import { RowChecksum } from './row-checksum.ts'
import { countRows, openDatabaseSource } from './row-source.ts'
import type { Schema } from './schema.ts'
import type { StoredRow } from './stored-row.ts'

/** The rows that migrations themselves put into a new database, by table. */
export type SeedRows = ReadonlyMap<string, { readonly rows: number; readonly checksum: string }>

/** Learns the rows of a new database by making one. */
export function seedRowsOf(schema: Schema): Promise<SeedRows> {
  return inScratchFolder(async (folder) => {
    const location: DatabaseLocation = { kind: 'sqlite', path: join(folder, 'new.db') }
    const connection = openSqliteForMigration(location.path)
    await migrate(connection, schema).finally(() => connection.close())
    const source = await openDatabaseSource(location)
    try {
      const seeds = new Map<string, { rows: number; checksum: string }>()
      for (const table of schema.tables) {
        const checksum = await checksumOf(source.rows(table), table)
        if (checksum.rows > 0) seeds.set(table.name, { rows: checksum.rows, checksum: checksum.digest() })
      }
      return seeds
    } finally {
      await source.close()
    }
  })
}

async function checksumOf(pages: AsyncIterable<readonly StoredRow[]>, table: AnyTable) {
  const portable = portableRows(table)
  const checksum = new RowChecksum()
  for await (const rows of pages) for (const row of rows) checksum.add(portable.toLine(row))
  return checksum
}

/**
 * Leaves the tables without a row, so that they can be filled. Throws `CopyError` when they hold anything but what the
 * migrations put there.
 */
export async function clearSeedRows(tx: Tx, tables: readonly AnyTable[], seeds: SeedRows): Promise<void> {
  for (const table of tables) {
    const rows = await countRows(tx[READ], table)
    if (rows === 0) continue
    const seed = seeds.get(table.name)
    const isSeed =
      rows === seed?.rows && (await checksumOf(readRows(tx[READ], table), table)).digest() === seed.checksum
    if (!isSeed) throw notEmpty(table.name, rows)
    await tx[WRITE].run(rawStatement(`delete from ${quoteName(table.name)}`), [])
  }
}

/** What an operator is told whose target is in use. */
export function notEmpty(table: string, rows: number): CopyError {
  return new CopyError(
    `The target is not empty (${table} has ${rows} rows); give it an empty database. Nothing was changed.`,
  )
}
