import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
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
import { onPostgresAt } from './postgres-client.ts'

/** A database of one test file's own, empty of rows, gone afterwards. */
export interface TestDatabase {
  readonly location: DatabaseLocation
  drop(): Promise<void>
}

export interface TestSchema {
  readonly tables: readonly AnyTable[]
  readonly migrations: readonly Migration[]
}

/** Makes an empty database: a file in a temporary folder, or one on the run's PostgreSQL owned by the migrating role. */
export function createTestDatabase(dialect: Dialect): Promise<TestDatabase> {
  return dialect === 'sqlite' ? newFile() : newDatabase('template1')
}

/** The same with the schema in it, copied from a template that the first test file of a run makes. */
export async function createMigratedDatabase(dialect: Dialect, schema: TestSchema): Promise<TestDatabase> {
  if (dialect === 'sqlite') return newFile(await sqliteTemplate(schema))
  return newDatabase(await postgresTemplate(schema))
}

async function newFile(template?: string): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'outcry-test-'))
  const path = join(folder, 'outcry.db')
  if (template) copyFileSync(template, path)
  const drop = async () => rmSync(folder, { recursive: true, force: true })
  return { location: { kind: 'sqlite', path }, drop }
}

async function newDatabase(template: string): Promise<TestDatabase> {
  const { adminUrl, migratorUrl } = inject('postgres')
  const name = `t_${randomBytes(8).toString('hex')}`
  await runAs(migratorUrl, `create database ${name} template ${template} strategy file_copy`)
  return {
    location: postgresLocation(name),
    drop: () => runAs(adminUrl, `drop database ${name} with (force)`),
  }
}

function postgresLocation(name: string): DatabaseLocation {
  const { migratorUrl, appUrl } = inject('postgres')
  const within = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString()
  return { kind: 'postgres', url: within(appUrl), adminUrl: within(migratorUrl) }
}

const pools = new Map<string, pg.Pool>()

/** Runs a statement on a connection that stays open for the next test: PostgreSQL makes a process for each. */
async function runAs(url: string, sql: string): Promise<void> {
  const pool = pools.get(url) ?? new pg.Pool({ connectionString: url, max: 1, allowExitOnIdle: true })
  if (!pools.has(url)) pool.on('error', () => undefined) // the server may end before we do
  pools.set(url, pool)
  await pool.query(sql)
}

/** Applies migrations the way the server does at its start. */
export async function migrateTestDatabase(location: DatabaseLocation, schema: TestSchema): Promise<void> {
  const connection = await openForMigration(location)
  try {
    await migrate(connection, schema)
  } finally {
    await connection.close()
  }
}

function checksumOf({ tables, migrations }: TestSchema): string {
  const ddl = (['sqlite', 'postgres'] as const).map((dialect) =>
    tables.map((table) => [table.isAppendOnly, createStatements(dialect, table)]),
  )
  return createHash('sha256')
    .update(JSON.stringify([ddl, migrations]))
    .digest('hex')
    .slice(0, 24)
}

const knownTemplates = new Set<string>()

/**
 * Makes the template unless another test file has. A server of the run's own takes it along when it ends; on one that
 * was lent to us it stays for the next run.
 */
async function postgresTemplate(schema: TestSchema): Promise<string> {
  const name = `outcry_template_${checksumOf(schema)}`
  if (knownTemplates.has(name)) return name
  await makePostgresTemplate(name, schema)
  knownTemplates.add(name)
  return name
}

async function makePostgresTemplate(name: string, schema: TestSchema): Promise<void> {
  await onPostgresAt(inject('postgres').migratorUrl, async (client) => {
    const isThere = async () =>
      (await client.query('select from pg_database where datname = $1', [name])).rowCount === 1
    if (await isThere()) return
    await client.query('select pg_advisory_lock(hashtext($1))', [name])
    if (await isThere()) return
    await client.query(`drop database if exists ${name}_new`)
    await client.query(`create database ${name}_new strategy file_copy`)
    await migrateTestDatabase(postgresLocation(`${name}_new`), schema)
    await client.query(`alter database ${name}_new rename to ${name}`)
  })
}

/** The same as a file, in the run's folder. */
async function sqliteTemplate(schema: TestSchema): Promise<string> {
  const template = join(inject('templates'), `${checksumOf(schema)}.db`)
  if (existsSync(template)) return template
  const { location, drop } = await newFile()
  await migrateTestDatabase(location, schema)
  if (location.kind === 'sqlite') {
    const copy = `${template}.${process.pid}`
    copyFileSync(location.path, copy)
    renameSync(copy, template)
  }
  await drop()
  return template
}

/** One migration that creates tables as they are declared now, for tests of the layer itself. */
export function migrationFor(tables: readonly AnyTable[]): Migration {
  const ddl = (dialect: Dialect) => tables.flatMap((table) => createStatements(dialect, table))
  return defineMigration({
    id: '20000101-0000-test-tables',
    steps: [{ sqlite: ddl('sqlite'), postgres: ddl('postgres') }],
  })
}

/** `OUTCRY_TEST_POOL_SIZE=1 npm test` proves that nothing needs a second connection while it holds one (R18). */
export const TEST_POOL_SIZE = process.env.OUTCRY_TEST_POOL_SIZE
const POOL = TEST_POOL_SIZE ? { poolSize: Number(TEST_POOL_SIZE) } : {}

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
      const { tables, migrations = [migrationFor(tables)], ...rest } = options
      database = await createMigratedDatabase(dialect, { tables, migrations })
      db = openDatabase(database.location, { ...POOL, detectOutsideWaits: true, ...rest })
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
