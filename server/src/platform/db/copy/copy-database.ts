import type { DatabaseLocation } from '../open-database.ts'
import { type FillDatabaseOptions, fillDatabase } from './fill-database.ts'
import type { CopiedTable } from './fill-tables.ts'
import { openDatabaseSource } from './row-source.ts'

/**
 * Copies a whole database into an empty one of either engine, as it is at the moment of asking, and reads it back. See
 * `fillDatabase` for what it refuses and what a kill leaves.
 */
export async function copyDatabase(
  from: DatabaseLocation,
  to: DatabaseLocation,
  options: Omit<FillDatabaseOptions, 'afterFill'>,
): Promise<CopiedTable[]> {
  const source = await openDatabaseSource(from)
  try {
    return await fillDatabase(to, source, options)
  } finally {
    await source.close()
  }
}
