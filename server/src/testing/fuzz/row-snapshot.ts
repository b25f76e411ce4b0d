import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { inject } from 'vitest'
import { type Config, loadConfig } from '../../config/config.ts'
import { connectTo } from '../postgres-client.ts'

/** Looks at what is stored, past the application and past row security. */
export interface RowReader extends AsyncDisposable {
  /** Row count and a digest of all rows of each table but the named ones, by its name. */
  snapshot(except?: ReadonlySet<string>): Promise<Record<string, string>>
  /** The rows of one query. */
  rows(sql: string): Promise<Record<string, unknown>[]>
}

/** The environment of a server in another process. */
export interface ServerSettings {
  readonly env: Readonly<Record<string, string>>
}

/** Opens the database of settings for looking, as its administrator. */
export async function openRowReader(settings: Pick<Config, 'database'> | ServerSettings): Promise<RowReader> {
  const { database } = 'database' in settings ? settings : loadConfig(settings.env)
  return database.kind === 'sqlite' ? sqliteReader(database.path) : postgresReader(database.url.reveal())
}

function sqliteReader(path: string): RowReader {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  const rows = async (sql: string) => {
    const statement = database.prepare(sql)
    return statement.all() as Record<string, unknown>[]
  }
  const digest = (table: string) => {
    const statement = database.prepare(`select * from "${table}"`)
    statement.setReturnArrays(true)
    const hash = createHash('md5')
    let count = 0
    for (const row of statement.iterate()) {
      count++
      hash.update(JSON.stringify(row, (_key, value: unknown) => (isBytes(value) ? hexOf(value) : value)))
    }
    return `${count} ${hash.digest('hex')}`
  }
  return {
    rows,
    async snapshot(except = new Set()) {
      const tables = await rows(
        `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`,
      )
      const names = tables.map(({ name }) => String(name)).filter((name) => !except.has(name))
      database.exec('begin')
      const entries: [string, string][] = []
      for (const name of names) entries.push([name, digest(name)])
      database.exec('commit')
      return Object.fromEntries(entries)
    },
    async [Symbol.asyncDispose]() {
      database.close()
    },
  }
}

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

async function postgresReader(url: string): Promise<RowReader> {
  const within = new URL(inject('postgres').adminUrl)
  within.pathname = new URL(url).pathname
  const client = await connectTo(within.href)
  const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows
  return {
    rows,
    async snapshot(except = new Set()) {
      const tables = await rows(`select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind = 'r'`)
      const names = tables.map(({ relname }) => String(relname)).filter((name) => !except.has(name))
      const parts = names.map(
        (relname) => `select '${relname}' as name,
          count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as digest from "${relname}" t`,
      )
      const digests = await rows(parts.join(' union all '))
      return Object.fromEntries(digests.map(({ name, digest }) => [String(name), String(digest)]))
    },
    async [Symbol.asyncDispose]() {
      await client.end()
    },
  }
}
