import { existsSync } from 'node:fs'
import { openDatabaseSource } from '../platform/db/copy/row-source.ts'
import type { DatabaseLocation } from '../platform/db/index.ts'

/** The migrations a database has had, read with the serving role's rights; none when there is no database yet. */
export async function readHistory(location: DatabaseLocation) {
  if (location.kind === 'sqlite' && !existsSync(location.path)) return []
  const source = await openDatabaseSource(location)
  try {
    return await source.applied()
  } finally {
    await source.close()
  }
}
