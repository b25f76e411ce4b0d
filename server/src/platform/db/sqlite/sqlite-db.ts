import { setTimeout as wait } from 'node:timers/promises'
import type { Encoded, Statement } from '../query/compile.ts'
import type { Target } from '../query/portable-transformer.ts'
import { type Db, memberContext, type Queryable, READ, type ReadSession, type Tx } from '../session.ts'
import { refuseInsideTransaction, runTransaction, type TransactionEngine } from '../transaction.ts'
import { FairLock } from './fair-lock.ts'
import { createPrivateFile } from './private-file.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { isSqliteBusy } from './sqlite-errors.ts'

const LOCK_WAIT_MS = 2_000 // SQLite has one writer; a queue longer than this is overload
const BUSY_RETRY_MS = 10
const BUSY_TRIES = 200

export interface SqliteOptions {
  readonly path: string
  /** Off only in tests that prove what row security does alone; SQLite has none, so it stays on there. */
  readonly ownerPredicates?: boolean
  readonly detectOutsideWaits?: boolean
}

class SqliteReader implements ReadSession {
  readonly target: Target
  readonly #connection: SqliteConnection

  constructor(connection: SqliteConnection, target: Target) {
    this.#connection = connection
    this.target = target
  }

  async all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    refuseInsideTransaction()
    return this.#connection.all(statement, values)
  }

  async first(statement: Statement, values: Encoded[]): Promise<unknown> {
    refuseInsideTransaction()
    return this.#connection.first(statement, values)
  }
}

class SqliteWriter implements TransactionEngine {
  readonly target: Target
  readonly inFlight = 0
  readonly #connection: SqliteConnection

  constructor(connection: SqliteConnection, target: Target) {
    this.#connection = connection
    this.target = target
  }

  async all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return this.#connection.all(statement, values)
  }

  async first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return this.#connection.first(statement, values)
  }

  async run(statement: Statement, values: Encoded[]): Promise<number> {
    return this.#connection.run(statement, values)
  }

  async control(sql: string): Promise<void> {
    this.#connection.control(sql)
  }
}

/**
 * Opens an SQLite file: one writer, whose transactions queue fairly and never interleave, and one read-only connection,
 * which sees committed data and never waits for the writer.
 */
export function openSqlite(options: SqliteOptions): Db {
  createPrivateFile(options.path)
  const target: Target = { dialect: 'sqlite', ownerPredicates: options.ownerPredicates ?? true }
  const writeConnection = new SqliteConnection(options.path, { readOnly: false })
  const readConnection = new SqliteConnection(options.path, { readOnly: true })
  const reader = new SqliteReader(readConnection, target)
  const writer = new SqliteWriter(writeConnection, target)
  const lock = new FairLock(LOCK_WAIT_MS)

  // Note: IMMEDIATE, because a deferred transaction that reads first can fail with BUSY_SNAPSHOT when it writes.
  const begin = async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return writeConnection.control('begin immediate')
      } catch (error) {
        if (!isSqliteBusy(error) || attempt === BUSY_TRIES) throw error
        await wait(BUSY_RETRY_MS)
      }
    }
  }
  const transaction = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    refuseInsideTransaction()
    await lock.acquire()
    try {
      await begin()
      return await runTransaction(writer, work, options.detectOutsideWaits ?? false)
    } finally {
      lock.release()
    }
  }
  const queryable: Queryable = { [READ]: reader }
  return {
    dialect: 'sqlite',
    ...queryable,
    transaction,
    async withMember(userId, work) {
      memberContext(userId)
      return transaction(work)
    },
    withSystem: transaction,
    asMember(userId) {
      memberContext(userId)
      return queryable
    },
    asSystem: () => queryable,
    async ping() {
      readConnection.exec('select 1')
    },
    async close() {
      await lock.acquire()
      readConnection.close()
      writeConnection.exec('pragma optimize')
      writeConnection.close()
    },
  }
}
