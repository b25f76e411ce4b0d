import { existsSync } from 'node:fs'
import { assertOneDatabase } from '../assert-one-database.ts'
import { appliedIn, openDatabaseSource } from '../copy/row-source.ts'
import { asOwner, type DatabaseLocation } from '../open-database.ts'
import { type Queryable, READ } from '../session.ts'

/**
 * The migrations a database has had; none when there is no database yet. Read as the owning role when there is one: the
 * serving role gets its rights only at the end of the first run of migrations. Throws `MigrationError` when the two are of
 * different databases.
 */
export async function readHistory(location: DatabaseLocation) {
  if (location.kind === 'sqlite' && !existsSync(location.path)) return []
  await assertOneDatabase(location)
  const source = await openDatabaseSource(asOwner(location))
  try {
    return await source.applied()
  } finally {
    await source.close()
  }
}

/** The same of a database that is open and served. */
export const readHistoryOf = (db: Queryable) => appliedIn(db[READ])
