import { readFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import type pg from 'pg'
import { databaseLocation } from '../database-location.ts'
import { tables } from '../schema.ts'
import { onPostgresAt } from './postgres-client.ts'
import type { TestApp } from './start-test-app.ts'

export type StoredRow = Readonly<Record<string, unknown>>

async function onPostgres<T>(app: TestApp, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const location = databaseLocation(app.config)
  if (location.kind !== 'postgres') throw new Error('This database is not on PostgreSQL.')
  return await onPostgresAt(location.adminUrl, async (client) => {
    await client.query(`set app.system = 'on'`)
    return await work(client)
  })
}

/** Runs SQL past the application, as the role that owns the tables where there are roles; nobody is told of it. */
export async function runAsOwner(app: TestApp, sql: string): Promise<void> {
  const location = databaseLocation(app.config)
  if (location.kind === 'postgres') {
    await onPostgres(app, (client) => client.query(sql))
    return
  }
  const database = new DatabaseSync(location.path)
  try {
    database.exec(sql)
  } finally {
    database.close()
  }
}

/** Every row of a table as the engine's own driver gives it, past our data layer. `where` is SQL that both engines read. */
export async function storedRows(app: TestApp, table: string, where = 'true'): Promise<StoredRow[]> {
  const sql = `select * from "${table}" where ${where}`
  const location = databaseLocation(app.config)
  if (location.kind === 'postgres') {
    return onPostgres(app, async (client) => (await client.query<StoredRow>(sql)).rows)
  }
  const database = new DatabaseSync(location.path, { readOnly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

/** How many rows a table has. */
export async function countStored(app: TestApp, table: string, where?: string): Promise<number> {
  return (await storedRows(app, table, where)).length
}

const asText = (stored: unknown) =>
  // Note: of a Buffer, `value` is a list of numbers already.
  JSON.stringify(stored, function (this: Record<string, unknown>, key, value: unknown) {
    const given = this[key]
    return given instanceof Uint8Array ? Buffer.from(given).toString('hex') : value
  })

/** Every row of every table that names one member and not another, by table, in no order that means anything. */
export async function rowsNaming(
  app: TestApp,
  { named, unless }: { named: { id: string }; unless: { id: string } },
): Promise<Record<string, string[]>> {
  const found = tables.map(async ({ name }) => {
    const rows = (await storedRows(app, name)).map(asText)
    return [name, rows.filter((row) => row.includes(named.id) && !row.includes(unless.id)).sort()] as const
  })
  return Object.fromEntries(await Promise.all(found))
}

/** Which of these bytes are anywhere in the database; on SQLite also between its rows and in its log. */
export async function storedOf(app: TestApp, all: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const text = await storedText(app)
  return all.filter((bytes) =>
    (['hex', 'latin1'] as const).some((spelling) => text.includes(Buffer.from(bytes).toString(spelling))),
  )
}

/** Everything that the database keeps, as one text, bytes as hex; on SQLite the files' own bytes too. */
export async function storedText(app: TestApp): Promise<string> {
  const location = databaseLocation(app.config)
  const text = asText(await Promise.all(tables.map(({ name }) => storedRows(app, name))))
  if (location.kind === 'postgres') return text
  const files = await Promise.all(
    ['', '-wal'].map((suffix) => readFile(`${location.path}${suffix}`, 'latin1').catch(() => '')),
  )
  return text + files.join('')
}
