import pg from 'pg'
import { DatabaseUnavailableError } from '../errors.ts'
import type { Encoded, Statement } from '../query/compile.ts'
import type { Target } from '../query/portable-transformer.ts'
import {
  type Db,
  memberContext,
  type Queryable,
  READ,
  type ReadSession,
  type RowContext,
  type Tx,
} from '../session.ts'
import { refuseInsideTransaction, runTransaction, type TransactionEngine } from '../transaction.ts'
import { controlStatement, SET_CONTEXT } from './control-statements.ts'
import { translatePostgresError } from './postgres-errors.ts'
import { StatementQuery, type StatementResult, type Step } from './statement-query.ts'

const POOL_WAIT_MS = 2_000
const SESSION_SETTINGS = [
  'TimeZone=UTC',
  'DateStyle=ISO',
  'statement_timeout=5s',
  'lock_timeout=2s',
  'idle_in_transaction_session_timeout=10s',
  'default_transaction_isolation=read\\ committed',
  'default_transaction_read_only=on', // reads stay reads whatever was built; transactions say otherwise
]

export interface PostgresOptions {
  readonly url: string
  readonly poolSize?: number
  /** Off only in tests that prove what row security does alone. */
  readonly ownerPredicates?: boolean
  readonly detectOutsideWaits?: boolean
  /** Told of errors on idle connections; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void
}

const control = (sql: string): Step => ({ statement: controlStatement(sql), values: [] })

function contextStep(context: RowContext): Step {
  const member = context.kind === 'member' ? context.userId : ''
  const system = context.kind === 'system' ? 'on' : ''
  return { statement: SET_CONTEXT, values: [member, system] }
}

/** One connection of the pool. Statements are sent at once and answered in order (pipelining). */
class PostgresConnection implements TransactionEngine {
  readonly target: Target
  readonly #client: pg.PoolClient
  inFlight = 0

  constructor(client: pg.PoolClient, target: Target) {
    this.#client = client
    this.target = target
  }

  send(last: Step, before: readonly Step[] = []): Promise<StatementResult> {
    this.inFlight++
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, result: StatementResult) => {
        this.inFlight--
        if (error === undefined) resolve(result)
        else reject(error)
      }
      this.#client.query(new StatementQuery(last, settle, before))
    })
  }

  async all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return (await this.send({ statement, values })).rows
  }

  async first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return (await this.send({ statement, values })).rows[0]
  }

  async run(statement: Statement, values: Encoded[]): Promise<number> {
    return (await this.send({ statement, values })).rowCount
  }

  async control(sql: string): Promise<void> {
    await this.send(control(sql))
  }

  /**
   * Sends BEGIN and the row context without waiting: they travel with the first statement. Should either fail, the
   * statements behind it fail with it, or run without a context and see no private row.
   */
  begin(context: RowContext, mode: 'read only' | 'read write'): Promise<unknown> {
    return this.send(contextStep(context), [control(`begin ${mode}`)])
  }

  release(error?: unknown): void {
    this.#client.release(error instanceof DatabaseUnavailableError)
  }
}

class PostgresReader implements ReadSession {
  readonly target: Target
  readonly #acquire: () => Promise<PostgresConnection>
  readonly #before: readonly Step[]

  constructor(acquire: () => Promise<PostgresConnection>, target: Target, context: RowContext) {
    this.#acquire = acquire
    this.target = target
    this.#before = context.kind === 'nobody' ? [] : [contextStep(context)]
  }

  async #read(statement: Statement, values: Encoded[]): Promise<StatementResult> {
    refuseInsideTransaction()
    const connection = await this.#acquire()
    try {
      return await connection.send({ statement, values }, this.#before)
    } finally {
      connection.release()
    }
  }

  async all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return (await this.#read(statement, values)).rows
  }

  async first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return (await this.#read(statement, values)).rows[0]
  }
}

/** Opens a pool on PostgreSQL as the serving role. */
export function openPostgres(options: PostgresOptions): Db {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: POOL_WAIT_MS,
    idleTimeoutMillis: 60_000,
    pipeline: true,
    options: SESSION_SETTINGS.map((setting) => `-c ${setting}`).join(' '),
  })
  const onIdleError = (error: Error) => options.onIdleError?.(error)
  pool.on('error', onIdleError)
  // Note: the pool stops listening while a connection is in use, and between two statements nobody else does.
  pool.on('connect', (client) => client.on('error', onIdleError))
  const target: Target = { dialect: 'postgres', ownerPredicates: options.ownerPredicates ?? true }
  const acquire = async () => {
    try {
      return new PostgresConnection(await pool.connect(), target)
    } catch (error) {
      throw translatePostgresError(error)
    }
  }
  const transaction = async <T>(context: RowContext, work: (tx: Tx) => Promise<T>): Promise<T> => {
    refuseInsideTransaction()
    const connection = await acquire()
    let failure: unknown
    try {
      const begun = connection.begin(context, 'read write')
      begun.catch(() => undefined) // the first statement fails for the same reason and says so
      const result = await runTransaction(connection, work, options.detectOutsideWaits ?? false)
      await begun
      return result
    } catch (error) {
      failure = error
      throw error
    } finally {
      connection.release(failure)
    }
  }
  const readerFor = (context: RowContext): Queryable => ({
    [READ]: new PostgresReader(acquire, target, context),
  })
  return {
    dialect: 'postgres',
    ...readerFor({ kind: 'nobody' }),
    transaction: (work) => transaction({ kind: 'nobody' }, work),
    withMember: async (userId, work) => transaction(memberContext(userId), work),
    withSystem: (work) => transaction({ kind: 'system' }, work),
    asMember: (userId) => readerFor(memberContext(userId)),
    asSystem: () => readerFor({ kind: 'system' }),
    async ping() {
      const connection = await acquire()
      try {
        await connection.control('select')
      } finally {
        connection.release()
      }
    },
    close: () => pool.end(),
  }
}
