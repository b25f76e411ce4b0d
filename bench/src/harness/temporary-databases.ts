import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  type AnyTable,
  type DatabaseLocation,
  type Dialect,
  migrate,
  openForMigration,
} from '../../../server/src/platform/db/index.ts'
import { onPostgresAt } from '../../../server/src/testing/postgres-client.ts'
import { createTestRoles } from '../../../server/src/testing/postgres-roles.ts'
import { startPostgresServer } from '../../../server/src/testing/postgres-server.ts'
import { migrationFor } from './tables-migration.ts'

/** Where a benchmark's databases live while it runs; `dispose` deletes all of them. */
export interface TemporaryDatabases {
  /** Makes a database without a table. */
  empty(): Promise<DatabaseLocation>
  /** Makes an empty migrated database. */
  create(tables: readonly AnyTable[]): Promise<DatabaseLocation>
  /** Copies a database that nobody has open. */
  copy(from: DatabaseLocation): Promise<DatabaseLocation>
  /** Does what the server does by itself in time: statistics, and on PostgreSQL the visibility map. */
  settle(location: DatabaseLocation): Promise<void>
  dispose(): Promise<void>
}

async function applyTables(location: DatabaseLocation, tables: readonly AnyTable[]): Promise<void> {
  const connection = await openForMigration(location)
  try {
    await migrate(connection, { tables, migrations: [migrationFor(tables)] })
  } finally {
    await connection.close()
  }
}

function sqliteDatabases(): TemporaryDatabases {
  const folder = mkdtempSync(join(tmpdir(), 'outcry-bench-'))
  const next = (): DatabaseLocation & { kind: 'sqlite' } => ({
    kind: 'sqlite',
    path: join(folder, `${randomBytes(6).toString('hex')}.db`),
  })
  return {
    empty: async () => next(),
    async create(tables) {
      const location = next()
      await applyTables(location, tables)
      return location
    },
    async copy(from) {
      const location = next()
      if (from.kind === 'sqlite') copyFileSync(from.path, location.path)
      return location
    },
    async settle(location) {
      if (location.kind !== 'sqlite') return
      const database = new DatabaseSync(location.path)
      database.exec('analyze; pragma wal_checkpoint(truncate)')
      database.close()
    },
    async dispose() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

// Note: the test server's settings but for durability, which is what a write costs.
const DURABLE = { fsync: 'on', full_page_writes: 'on', timezone: 'UTC', shared_buffers: '512MB' }

async function postgresDatabases(): Promise<TemporaryDatabases> {
  const server = await startPostgresServer(DURABLE)
  const { migratorUrl, appUrl } = await createTestRoles(server.adminUrl)
  const run = async (sql: string, url: string = migratorUrl) => {
    await onPostgresAt(url, (client) => client.query(sql))
  }
  const within = (url: string, name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href
  const locate = (name: string): DatabaseLocation => ({
    kind: 'postgres',
    url: within(appUrl, name),
    adminUrl: within(migratorUrl, name),
  })
  const newName = () => `bench_${randomBytes(6).toString('hex')}`
  const empty = async () => {
    const name = newName()
    await run(`create database ${name}`)
    return name
  }
  return {
    empty: async () => locate(await empty()),
    async create(tables) {
      const name = await empty()
      await applyTables(locate(name), tables)
      return locate(name)
    },
    async copy(from) {
      const name = newName()
      if (from.kind === 'postgres') {
        await run(`create database ${name} template ${new URL(from.url).pathname.slice(1)}`)
      }
      return locate(name)
    },
    async settle(location) {
      if (location.kind === 'postgres') await run('vacuum analyze', location.adminUrl)
    },
    dispose: () => server.stop(),
  }
}

/** On PostgreSQL: a server of our own with `fsync` on, reached as the unprivileged serving role. */
export async function temporaryDatabases(dialect: Dialect): Promise<TemporaryDatabases> {
  return dialect === 'sqlite' ? sqliteDatabases() : postgresDatabases()
}
