import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import {
  type AnyTable,
  createStatements,
  type DatabaseLocation,
  type Db,
  type Dialect,
  defineMigration,
  type Migration,
  migrate,
  type OpenOptions,
  openDatabase,
  openForMigration,
} from '../platform/db/index.ts'

/** A database of one test file's own, empty of rows, gone afterwards. */
export interface TestDatabase {
  readonly location: DatabaseLocation
  drop(): Promise<void>
}

/** Makes an empty database: a file in a temporary folder, or one on the run's PostgreSQL owned by the migrating role. */
export async function createTestDatabase(dialect: Dialect): Promise<TestDatabase> {
  if (dialect === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'outcry-test-'))
    const drop = async () => rmSync(folder, { recursive: true, force: true })
    return { location: { kind: 'sqlite', path: join(folder, 'outcry.db') }, drop }
  }
  const { migratorUrl, appUrl } = inject('postgres')
  const name = `t_${randomBytes(8).toString('hex')}`
  const within = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString()
  await runAs(migratorUrl, `create database ${name}`)
  return {
    location: { kind: 'postgres', url: within(appUrl), adminUrl: within(migratorUrl) },
    drop: () => runAs(migratorUrl, `drop database ${name} with (force)`),
  }
}

async function runAs(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Applies migrations the way the server does at its start. */
export async function migrateTestDatabase(
  location: DatabaseLocation,
  schema: { tables: readonly AnyTable[]; migrations: readonly Migration[] },
): Promise<void> {
  const connection = await openForMigration(location)
  try {
    await migrate(connection, schema)
  } finally {
    await connection.close()
  }
}

/** One migration that creates tables as they are declared now, for tests of the layer itself. */
export function migrationFor(tables: readonly AnyTable[]): Migration {
  const ddl = (dialect: Dialect) => tables.flatMap((table) => createStatements(dialect, table))
  return defineMigration({
    id: '20000101-0000-test-tables',
    steps: [{ sqlite: ddl('sqlite'), postgres: ddl('postgres') }],
  })
}

/** What a suite sees of its database; valid inside tests, not while the suite is being collected. */
export interface DatabaseFixture {
  readonly dialect: Dialect
  readonly db: Db
  readonly location: DatabaseLocation
}

export interface DatabaseSuiteOptions extends OpenOptions {
  readonly tables: readonly AnyTable[]
  readonly migrations?: readonly Migration[]
}

/**
 * Runs one suite on SQLite and on a real PostgreSQL as the unprivileged serving role, each on a fresh database with the
 * given tables. Transactions that wait for the outside world fail.
 */
export function forEachDatabase(
  title: string,
  options: DatabaseSuiteOptions,
  suite: (on: DatabaseFixture) => void,
): void {
  describe.each<Dialect>(['sqlite', 'postgres'])(`${title} on %s`, (dialect) => {
    let database: TestDatabase | undefined
    let db: Db | undefined
    beforeAll(async () => {
      database = await createTestDatabase(dialect)
      const { tables, migrations = [migrationFor(tables)], ...rest } = options
      await migrateTestDatabase(database.location, { tables, migrations })
      db = openDatabase(database.location, { detectOutsideWaits: true, ...rest })
    })
    afterAll(async () => {
      await db?.close()
      await database?.drop()
    })
    suite({
      dialect,
      get db() {
        return required(db)
      },
      get location() {
        return required(database).location
      },
    })
  })
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The database is there only while tests run.')
  return value
}
