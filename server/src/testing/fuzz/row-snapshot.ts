import { hash } from 'node:crypto'
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
  // Note: each value as SQLite would write it into a statement, which tells numbers, text, bytes and nothing apart.
  const digest = (table: string) => {
    const columns = database.prepare(`select name from pragma_table_info('${table}')`).all()
    const row = columns.map(({ name }) => `quote("${name}")`).join(`||','||`)
    const statement = database.prepare(
      `select count(*) as count, group_concat(${row}, ';') as texts from "${table}"`,
    )
    const { count, texts } = statement.get() ?? {}
    return `${count} ${hash('md5', String(texts))}`
  }
  const known = new Map<string, string>()
  let knownVersion: unknown
  return {
    rows,
    async snapshot(except = new Set()) {
      database.exec('begin')
      try {
        const tables = await rows(
          `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`,
        )
        const names = tables.map(({ name }) => String(name)).filter((name) => !except.has(name))
        // Note: the same until another connection has committed something (https://www.sqlite.org/pragma.html).
        const version = database.prepare('pragma data_version').get()?.data_version
        if (version !== knownVersion) known.clear()
        knownVersion = version
        for (const name of names) if (!known.has(name)) known.set(name, digest(name))
        return Object.fromEntries(names.map((name) => [name, known.get(name) ?? '']))
      } finally {
        database.exec('rollback')
      }
    },
    async [Symbol.asyncDispose]() {
      database.close()
    },
  }
}

/** Which version of a row stands where: quick to read, but new for a row that was written as it was. */
const VERSION = 'hashtidextended(ctid, xmin::text::bigint)'
const CONTENT = 'hashtextextended(t::text, 0)'

async function postgresReader(url: string): Promise<RowReader> {
  const within = new URL(inject('postgres').adminUrl)
  within.pathname = new URL(url).pathname
  const client = await connectTo(within.href)
  const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows
  const digestsOf = async (names: readonly string[], digest: string) => {
    if (names.length === 0) return []
    const parts = names.map(
      (name) =>
        `select '${name}' as name, count(*) || ' ' || coalesce(sum(${digest}), 0) as digest from "${name}" t`,
    )
    const digests = await rows(parts.join(' union all '))
    return digests.map(({ name, digest }): [string, string] => [String(name), String(digest)])
  }
  const known = new Map<string, { readonly versions: string; readonly content: string }>()
  return {
    rows,
    async snapshot(except = new Set()) {
      await client.query('begin isolation level repeatable read read only')
      try {
        const tables =
          await rows(`select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = 'public' and c.relkind = 'r'`)
        const names = tables.map(({ relname }) => String(relname)).filter((name) => !except.has(name))
        // Note: whatever is written stands elsewhere or is of another transaction; only where that was is all read again.
        const versions = new Map(await digestsOf(names, VERSION))
        const changed = names.filter((name) => known.get(name)?.versions !== versions.get(name))
        for (const [name, content] of await digestsOf(changed, CONTENT))
          known.set(name, { versions: versions.get(name) ?? '', content })
        return Object.fromEntries(names.map((name) => [name, known.get(name)?.content ?? '']))
      } finally {
        await client.query('rollback')
      }
    },
    async [Symbol.asyncDispose]() {
      await client.end()
    },
  }
}
