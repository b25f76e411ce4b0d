import { postgresDrift } from './migrate/drift-postgres.ts'
import { sqliteDrift } from './migrate/drift-sqlite.ts'
import { type MigrationConnection, MigrationError } from './migrate/migrator.ts'
import { openPostgresForMigration, roleOf } from './migrate/postgres-migration-connection.ts'
import { openSqliteForMigration } from './migrate/sqlite-migration-connection.ts'
import { openPostgres } from './postgres/postgres-db.ts'
import type { AnyTable } from './schema/table.ts'
import type { Db } from './session.ts'
import { openSqlite } from './sqlite/sqlite-db.ts'

/** Which database: a file, or PostgreSQL as the serving role with, for migrations, the owning role. */
export type DatabaseLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly adminUrl?: string | undefined }

/** The same database as the owning role sees it, where there is one: the serving role may have no rights in it yet. */
export function asOwner(location: DatabaseLocation): DatabaseLocation {
  const { kind } = location
  return kind === 'sqlite' ? location : { kind, url: location.adminUrl ?? location.url }
}

export interface OpenOptions {
  /** Every statement finds a few rows by an index: on PostgreSQL none is planned to read a table through. */
  readonly findsByIndex?: boolean
  readonly poolSize?: number
  readonly ownerPredicates?: boolean
  readonly detectOutsideWaits?: boolean
  readonly onIdleError?: (error: Error) => void
}

/** Opens a migrated database for serving. */
export function openDatabase(location: DatabaseLocation, options: OpenOptions = {}): Db {
  return location.kind === 'sqlite'
    ? openSqlite({ path: location.path, ...options })
    : openPostgres({ url: location.url, ...options })
}

function adminUrlOf(location: DatabaseLocation & { kind: 'postgres' }): string {
  if (location.adminUrl === undefined) {
    throw new MigrationError(
      'Set OUTCRY_DATABASE_ADMIN_URL to the role that owns the tables, so that they can be migrated.',
    )
  }
  return location.adminUrl
}

/** Opens a database for changing its schema. Throws `MigrationError` when there is no role that may. */
export async function openForMigration(location: DatabaseLocation): Promise<MigrationConnection> {
  if (location.kind === 'sqlite') return openSqliteForMigration(location.path)
  return openPostgresForMigration({ adminUrl: adminUrlOf(location), servingRole: roleOf(location.url) })
}

/** How the database differs from the declarations, one sentence each; empty when it does not. */
export async function databaseDrift(
  location: DatabaseLocation,
  tables: readonly AnyTable[],
): Promise<string[]> {
  return location.kind === 'sqlite'
    ? sqliteDrift(location.path, tables)
    : postgresDrift(adminUrlOf(location), tables)
}
