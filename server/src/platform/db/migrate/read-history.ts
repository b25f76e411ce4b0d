import { existsSync } from 'node:fs'
import { appliedIn, openDatabaseSource } from '../copy/row-source.ts'
import type { DatabaseLocation } from '../open-database.ts'
import { type Queryable, READ } from '../session.ts'

/**
 * The migrations a database has had; none when there is no database yet. Read as the owning role when there is one: the
 * serving role gets its rights only at the end of the first run of migrations.
 */
export async function readHistory(location: DatabaseLocation) {
  if (location.kind === 'sqlite' && !existsSync(location.path)) return []
  const isOwned = location.kind === 'postgres' && location.adminUrl !== undefined
  const source = await openDatabaseSource(isOwned ? { ...location, url: location.adminUrl } : location)
  try {
    return await source.applied()
  } finally {
    await source.close()
  }
}

/** The same of a database that is open and served. */
export const readHistoryOf = (db: Queryable) => appliedIn(db[READ])
