import { SealIntegrityError } from '../../crypto/sealed.ts'
import { sealedKeyId } from '../../crypto/sealed-key-id.ts'
import { readRows } from '../copy/read-rows.ts'
import { openDatabaseSource, type RowSource } from '../copy/row-source.ts'
import type { DatabaseLocation } from '../open-database.ts'
import type { AnyTable } from '../schema/table.ts'
import { type Db, READ } from '../session.ts'
import { sealedColumnsOf } from './sealed-columns.ts'

/** What stands for the key of a value without a readable key id. */
export const DAMAGED = 'damaged'

/** How many sealed values each key seals, by the key's id; `DAMAGED` counts what names none. */
export type CountsByKey = ReadonlyMap<string, number>

function keyIdIn(sealed: Uint8Array): string {
  try {
    return sealedKeyId(sealed)
  } catch (error) {
    if (error instanceof SealIntegrityError) return DAMAGED
    throw error
  }
}

async function count(rowsOf: RowSource['rows'], tables: readonly AnyTable[]): Promise<CountsByKey> {
  const counts = new Map<string, number>()
  for (const table of tables) {
    const columns = sealedColumnsOf(table)
    if (columns.length === 0) continue
    for await (const rows of rowsOf(table, columns)) {
      for (const sealed of rows.flatMap((row) => columns.map((column) => row[column]))) {
        if (!(sealed instanceof Uint8Array)) continue
        const keyId = keyIdIn(sealed)
        counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
      }
    }
  }
  return counts
}

/** Counts the sealed values of these tables as they are at one moment, on a connection of its own. */
export async function countByKey(
  location: DatabaseLocation,
  tables: readonly AnyTable[],
): Promise<CountsByKey> {
  const source = await openDatabaseSource(location)
  try {
    return await count(source.rows, tables)
  } finally {
    await source.close()
  }
}

/** The same while others write, a page at a time: what is sealed anew meanwhile counts under either key, once. */
export function countByKeyMeanwhile(db: Db, tables: readonly AnyTable[]): Promise<CountsByKey> {
  const rowsOf = (table: AnyTable, having: readonly string[] = []) =>
    readRows(db.asSystem()[READ], table, { having, columns: [...table.primaryKey, ...having] })
  return count(rowsOf, tables)
}
