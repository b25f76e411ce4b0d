import pg from 'pg'
import { DatabaseUnavailableError, TransactionUseError } from '../errors.ts'
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
import { type ConnectionKind, connectionOf } from './connection-of.ts'
import { controlStatement, SET_CONTEXT, SET_READ_CONTEXT } from './control-statements.ts'
import { translatePostgresError } from './postgres-errors.ts'
import { type Settle, StatementQuery, type StatementResult, type Step } from './statement-query.ts'

const POOL_WAIT_MS = 2_000
export interface PostgresOptions extends ConnectionKind {
  readonly url: string
  readonly poolSize?: number
  /** Off only in tests that prove what row security does alone. */
  readonly ownerPredicates?: boolean
  readonly detectOutsideWaits?: boolean
  /** Told of errors on idle connections; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void
}

const controlOf = (sql: string): Step => ({ statement: controlStatement(sql), values: [] })
const BEGIN = controlOf('begin')
const COMMIT = controlOf('commit')
const NOTHING: readonly Step[] = []

function contextStep(statement: Statement, context: RowContext): Step {
  const member = context.kind === 'member' ? context.userId : ''
  return { statement, values: [member, context.kind === 'system' ? 'on' : ''] }
}

interface Sending {
  readonly step: Step
  readonly settle: Settle
  /** Whose rows this one statement sees, if not the transaction's. */
  readonly as: RowContext | undefined
}

/** One connection of the pool. Statements are sent at once and answered in order (pipelining). */
class PostgresConnection implements TransactionEngine {
  readonly target: Target
  readonly #client: pg.PoolClient
  /** What the next statement takes along in front of it. */
  #before = NOTHING
  /** What puts a transaction back into its row context. */
  #ownContext: Step | undefined
  /** Whether BEGIN has gone out. */
  #isBegun = false
  /** What `work` sends before it first waits; it goes out in one piece. */
  #held: Sending[] | undefined
  /** Its only statement is a transaction by itself: without BEGIN, what shares a Sync commits at the Sync. */
  #isWhole = false
  /** The first failure of its transaction. */
  #failure: unknown
  inFlight = 0
  onAnswered: (() => void) | undefined

  constructor(client: pg.PoolClient, target: Target) {
    this.#client = client
    this.target = target
  }

  #send<T>(step: Step, pick: (result: StatementResult) => T, as?: RowContext): Promise<T> {
    this.inFlight++
    return new Promise((resolve, reject) => {
      const settle: Settle = (error, result) => {
        this.inFlight--
        if (this.inFlight === 0) this.onAnswered?.()
        if (error === undefined) resolve(pick(result))
        else reject(this.#reasonOf(error))
      }
      if (this.#held) this.#held.push({ step, settle, as })
      else this.#submit({ step, settle, as })
    })
  }

  /** What was sent behind a failed statement fails for its reason, whichever of them is looked at first. */
  #reasonOf(error: unknown): unknown {
    this.#failure ??= error
    return error instanceof TransactionUseError ? this.#failure : error
  }

  #submit({ step, settle, as }: Sending): void {
    const own = this.#ownContext
    // Note: between reads as members the transaction's own context would be set for nobody.
    const before = as
      ? [...this.#before.filter((each) => each !== own), contextStep(SET_CONTEXT, as)]
      : this.#before
    this.#before = as && own ? [own] : NOTHING
    this.#isBegun = true
    this.#client.query(new StatementQuery(step, settle, before))
  }

  all(statement: Statement, values: Encoded[], as?: RowContext): Promise<unknown[]> {
    return this.#send({ statement, values }, rowsOf, as)
  }

  first(statement: Statement, values: Encoded[], as?: RowContext): Promise<unknown> {
    return this.#send({ statement, values }, firstOf, as)
  }

  run(statement: Statement, values: Encoded[]): Promise<number> {
    return this.#send({ statement, values, isOnlyCounted: true }, countOf)
  }

  execute(statement: Statement, values: Encoded[]): Promise<void> {
    return this.#send({ statement, values, isOnlyCounted: true }, nothing)
  }

  async control(sql: string): Promise<void> {
    const isEnd = sql === 'commit' || sql === 'rollback'
    if (isEnd && (this.#isWhole || !this.#isBegun)) return // there is no BEGIN to end
    // Note: once it has failed, a transaction takes nothing but this; and it ends every row context that was set since.
    if (isEnd || sql.startsWith('rollback to ')) this.#before = NOTHING
    await this.#send(controlOf(sql), nothing)
    this.#failure = undefined
  }

  /** A failed transaction answers COMMIT with ROLLBACK (https://www.postgresql.org/docs/current/sql-commit.html). */
  commitBehind(): Promise<void> {
    return this.#send(COMMIT, nothing)
  }

  /** Reads by one statement with its row context: one round trip and, without BEGIN, one read-only transaction. */
  read<T>(step: Step, before: readonly Step[], pick: (result: StatementResult) => T): Promise<T> {
    this.#before = before
    return this.#send(step, pick)
  }

  /** BEGIN and the row context go out with the first statement, so that it never runs without them. */
  begin(context: RowContext): void {
    this.#ownContext = contextStep(SET_CONTEXT, context)
    this.#before = [BEGIN, this.#ownContext]
    this.#held = []
  }

  opened(isWhole: boolean): boolean {
    const held = this.#held ?? []
    this.#held = undefined
    this.#isWhole = isWhole
    if (isWhole) this.#before = this.#before.filter((step) => step !== BEGIN)
    for (const sending of held) this.#submit(sending)
    return isWhole
  }

  release(error?: unknown): void {
    this.#client.release(error instanceof DatabaseUnavailableError)
  }
}

const rowsOf = ({ rows }: StatementResult): unknown[] => rows
const firstOf = ({ rows }: StatementResult): unknown => rows[0]
const countOf = ({ rowCount }: StatementResult): number => rowCount
const nothing = (): void => undefined

class PostgresReader implements ReadSession {
  readonly target: Target
  readonly #acquire: () => Promise<PostgresConnection>
  readonly #before: readonly Step[]

  constructor(acquire: () => Promise<PostgresConnection>, target: Target, context: RowContext) {
    this.#acquire = acquire
    this.target = target
    this.#before = context.kind === 'nobody' ? NOTHING : [contextStep(SET_READ_CONTEXT, context)]
  }

  async #read<T>(step: Step, pick: (result: StatementResult) => T): Promise<T> {
    refuseInsideTransaction()
    const connection = await this.#acquire()
    try {
      return await connection.read(step, this.#before, pick)
    } finally {
      connection.release()
    }
  }

  all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return this.#read({ statement, values }, rowsOf)
  }

  first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return this.#read({ statement, values }, firstOf)
  }
}

/** Opens a pool on PostgreSQL as the serving role. */
export function openPostgres(options: PostgresOptions): Db {
  const pool = new pg.Pool({
    ...connectionOf(options.url, options),
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: POOL_WAIT_MS,
    idleTimeoutMillis: 60_000,
    pipeline: true,
  })
  const onIdleError = (error: Error) => options.onIdleError?.(error)
  pool.on('error', onIdleError)
  // Note: the pool stops listening while a connection is in use, and between two statements nobody else does.
  pool.on('connect', (client) => client.on('error', onIdleError))
  const target: Target = { dialect: 'postgres', ownerPredicates: options.ownerPredicates ?? true }
  const refuse = (error: unknown): never => {
    throw translatePostgresError(error)
  }
  const acquire = () => pool.connect().then((client) => new PostgresConnection(client, target), refuse)
  const transaction = async <T>(context: RowContext, work: (tx: Tx) => Promise<T>): Promise<T> => {
    refuseInsideTransaction()
    const connection = await acquire()
    let failure: unknown
    try {
      connection.begin(context)
      return await runTransaction(connection, work, options.detectOutsideWaits ?? false)
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
    overwriteDeleted: async () => true,
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
