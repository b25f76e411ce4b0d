import { MigrationError } from './migrate/migrator.ts'
import type { DatabaseLocation } from './open-database.ts'
import { isSameDatabase } from './postgres/same-database.ts'

/**
 * Throws `MigrationError` unless both roles of a location are of one database, whatever a pooler calls it: nothing may be
 * looked up or changed in another one than the one that is served.
 */
export async function assertOneDatabase(location: DatabaseLocation): Promise<void> {
  if (location.kind === 'sqlite' || location.adminUrl === undefined) return
  if (await isSameDatabase(location.url, location.adminUrl)) return
  throw new MigrationError(
    'OUTCRY_DATABASE_ADMIN_URL and OUTCRY_DATABASE_URL must lead to the same database, with a role each.',
  )
}
