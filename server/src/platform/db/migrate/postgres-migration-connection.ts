import { AccessRefusedError } from '../errors.ts'
import { connectClient } from '../postgres/connect-client.ts'
import { translatePostgresError } from '../postgres/postgres-errors.ts'
import { grantStatement, revokeStatement } from '../schema/ddl-postgres.ts'
import { quoteName } from '../schema/quote.ts'
import { HISTORY_TABLE, type MigrationConnection, MigrationError } from './migrator.ts'
import { READER_NAMES, readerGrants } from './reader-roles.ts'

const LOCK_KEY = 0x6f757463 // 'outc': one lock for all migrators of a database

/** The user name in a PostgreSQL URL. */
export function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username)
}

/** The same in words for the operator when the role may not do this; the server's own hold no row. */
function refusalOf(error: unknown, role: string): unknown {
  if (!(error instanceof AccessRefusedError)) return error
  const said = error.cause instanceof Error ? error.cause.message.replace(/^PostgreSQL \w+: /, '') : ''
  return new MigrationError(
    `The role ${role} of OUTCRY_DATABASE_ADMIN_URL may not change the database (${said}); let it own the database.`,
    { cause: error },
  )
}

/** The two roles of a PostgreSQL database. */
export interface PostgresMigrationOptions {
  /** The role that owns the tables. */
  readonly adminUrl: string
  /** The role that serves, which gets its rights after each run, as those for backups and audit do where they are. */
  readonly servingRole: string
}

/**
 * Opens PostgreSQL for changing its schema. Throws `MigrationError` when the serving role is the owning role: it could
 * then switch row security off. So does what it opens when the role may not change the schema.
 */
export async function openPostgresForMigration(
  options: PostgresMigrationOptions,
): Promise<MigrationConnection> {
  if (roleOf(options.adminUrl) === options.servingRole) {
    throw new MigrationError(
      'OUTCRY_DATABASE_ADMIN_URL and OUTCRY_DATABASE_URL must name two different roles.',
    )
  }
  const client = await connectClient({ connectionString: options.adminUrl, options: '-c TimeZone=UTC' })
  const query = async (sql: string, values: unknown[] = []) => {
    try {
      return await client.query<Record<string, unknown>>(sql, values)
    } catch (error) {
      throw refusalOf(translatePostgresError(error), roleOf(options.adminUrl))
    }
  }

  return {
    dialect: 'postgres',
    async applied() {
      const { rows: found } = await query('select to_regclass($1) is not null as found', [HISTORY_TABLE])
      if (found[0]?.found !== true) return []
      const { rows } = await query(`select id, checksum from ${HISTORY_TABLE} order by id`)
      return rows.map((row) => ({ id: String(row.id), checksum: String(row.checksum) }))
    },
    async exclusively(work) {
      await query('begin')
      try {
        await query('select pg_advisory_xact_lock($1)', [LOCK_KEY])
        await query(`select set_config('app.system', 'on', true)`)
        await query(
          `create table if not exists ${HISTORY_TABLE} (id text primary key, checksum text not null, applied_at timestamptz not null default now())`,
        )
        await work()
        await query('commit')
      } catch (error) {
        await query('rollback').catch(() => undefined)
        throw error
      }
    },
    async execute(sql) {
      await query(sql)
    },
    async change(sql) {
      return (await query(sql)).rowCount ?? 0
    },
    async count(sql) {
      return Number(Object.values((await query(sql)).rows[0] ?? {})[0] ?? 0)
    },
    async record({ id, checksum }) {
      await query(`insert into ${HISTORY_TABLE} (id, checksum) values ($1, $2)`, [id, checksum])
    },
    async grant(tables) {
      const role = quoteName(options.servingRole)
      await query(`grant usage on schema public to ${role}`)
      await query(`grant select on ${HISTORY_TABLE} to ${role}`)
      await query(`revoke insert, update, delete, truncate on ${HISTORY_TABLE} from ${role}`)
      for (const table of tables) {
        await query(grantStatement(table, options.servingRole))
        await query(revokeStatement(table, options.servingRole))
      }
      const { rows } = await query('select rolname from pg_roles where rolname = any($1)', [READER_NAMES])
      const readers = rows.map(({ rolname }) => String(rolname))
      for (const statement of readerGrants(readers, tables)) await query(statement)
    },
    async close() {
      await client.end()
    },
  }
}
