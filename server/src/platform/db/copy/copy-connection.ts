import { existsSync } from 'node:fs'
import type pg from 'pg'
import type { DatabaseLocation } from '../open-database.ts'
import { connectClient } from '../postgres/connect-client.ts'
import { BY_INDEX } from '../postgres/connection-of.ts'
import { controlStatement, rawStatement, SET_CONTEXT } from '../postgres/control-statements.ts'
import { StatementQuery, type StatementResult } from '../postgres/statement-query.ts'
import type { Encoded, Statement } from '../query/compile.ts'
import type { Target } from '../query/portable-transformer.ts'
import { SqliteConnection } from '../sqlite/sqlite-connection.ts'
import type { TransactionEngine } from '../transaction.ts'
import { CopyError } from './copy-error.ts'

/** One connection of its own for long work; without the short time limits of serving, because it holds nobody up. */
export interface CopyConnection extends TransactionEngine {
  close(): Promise<void>
}

const CACHE_KIB = 262_144 // a large copy touches every page of every index

function sqliteConnection(path: string, readOnly: boolean): CopyConnection {
  if (!existsSync(path)) throw new CopyError(`There is no database at ${path}.`)
  const connection = new SqliteConnection(path, { readOnly })
  connection.exec(`pragma cache_size = -${CACHE_KIB}; pragma busy_timeout = 5000`)
  return {
    target: { dialect: 'sqlite', ownerPredicates: true },
    inFlight: 0,
    all: async (statement, values) => connection.all(statement, values),
    first: async (statement, values) => connection.first(statement, values),
    run: async (statement, values) => connection.run(statement, values),
    execute: async (statement, values) => {
      connection.run(statement, values)
    },
    control: async (sql) => connection.exec(sql),
    close: async () => connection.close(),
  }
}

class PostgresCopyConnection implements CopyConnection {
  readonly target: Target = { dialect: 'postgres', ownerPredicates: true }
  readonly #client: pg.Client
  inFlight = 0

  constructor(client: pg.Client) {
    this.#client = client
  }

  #send(statement: Statement, values: Encoded[]): Promise<StatementResult> {
    this.inFlight++
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, result: StatementResult) => {
        this.inFlight--
        if (error === undefined) resolve(result)
        else reject(error)
      }
      this.#client.query(new StatementQuery({ statement, values }, settle))
    })
  }

  async all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return (await this.#send(statement, values)).rows
  }

  async first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return (await this.#send(statement, values)).rows[0]
  }

  async run(statement: Statement, values: Encoded[]): Promise<number> {
    return (await this.#send(statement, values)).rowCount
  }

  async execute(statement: Statement, values: Encoded[]): Promise<void> {
    await this.#send(statement, values)
  }

  async control(sql: string): Promise<void> {
    await this.#send(sql.startsWith('lock ') ? rawStatement(sql) : controlStatement(sql), [])
  }

  close(): Promise<void> {
    return this.#client.end()
  }
}

const SESSION_SETTINGS: readonly (readonly [string, string])[] = [
  ['TimeZone', 'UTC'],
  ['DateStyle', 'ISO'],
  ['idle_in_transaction_session_timeout', '0'],
  // Note: tables are read in pages along their key, and freshly filled ones have no statistics yet.
  ...BY_INDEX,
]

async function postgresConnection(url: string): Promise<CopyConnection> {
  const client = await connectClient({
    connectionString: url,
    pipeline: true,
    options: SESSION_SETTINGS.map(([name, value]) => `-c ${name}=${value}`).join(' '),
  })
  return new PostgresCopyConnection(client)
}

/** Connects for reading one state of the whole database while others go on writing. */
export async function openSnapshot(location: DatabaseLocation): Promise<CopyConnection> {
  if (location.kind === 'sqlite') {
    const connection = sqliteConnection(location.path, true)
    await connection.control('begin')
    await connection.control('select 1 from sqlite_schema') // the state is chosen by the first read
    return connection
  }
  const connection = await postgresConnection(location.url)
  await connection.control('begin isolation level repeatable read read only')
  await connection.all(SET_CONTEXT, ['', 'on'])
  return connection
}

/**
 * Connects for filling, as the role that owns the tables; the returned connection has a transaction open in which nobody
 * else can write to `tables`.
 */
export async function openForFilling(
  location: DatabaseLocation,
  tables: readonly string[],
): Promise<CopyConnection> {
  if (location.kind === 'sqlite') {
    const connection = sqliteConnection(location.path, false)
    await connection.control('begin immediate')
    await connection.control('pragma defer_foreign_keys = on')
    return connection
  }
  const connection = await postgresConnection(location.adminUrl ?? location.url)
  await connection.control('begin')
  await connection.all(SET_CONTEXT, ['', 'on'])
  await connection.control(`lock table ${tables.map((name) => `"${name}"`).join(', ')} in exclusive mode`)
  return connection
}
