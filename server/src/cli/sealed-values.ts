import { SealIntegrityError } from '../platform/crypto/sealed.ts'
import { openDatabaseSource } from '../platform/db/copy/row-source.ts'
import type { AnyTable, DatabaseLocation } from '../platform/db/index.ts'
import { sealedColumnsOf } from '../platform/db/sealed/sealed-columns.ts'
import { sealedKeyId } from './sealed-key-id.ts'

/** What stands for the key of a value without a readable key id. */
export const DAMAGED = 'damaged'

function keyIdIn(sealed: Uint8Array): string {
  try {
    return sealedKeyId(sealed)
  } catch (error) {
    if (error instanceof SealIntegrityError) return DAMAGED
    throw error
  }
}

/** How many sealed values of these tables each key seals at this moment; `DAMAGED` counts what names none. */
export async function countByKey(
  location: DatabaseLocation,
  tables: readonly AnyTable[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  const source = await openDatabaseSource(location)
  try {
    for (const table of tables) {
      const columns = sealedColumnsOf(table)
      if (columns.length === 0) continue
      for await (const rows of source.rows(table, columns)) {
        for (const sealed of rows.flatMap((row) => columns.map((column) => row[column]))) {
          if (!(sealed instanceof Uint8Array)) continue
          const keyId = keyIdIn(sealed)
          counts.set(keyId, (counts.get(keyId) ?? 0) + 1)
        }
      }
    }
    return counts
  } finally {
    await source.close()
  }
}
