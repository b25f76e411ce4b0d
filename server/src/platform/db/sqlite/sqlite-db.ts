import type { Encoded, Statement } from '../query/compile.ts'
import type { Target } from '../query/portable-transformer.ts'
import { type Db, memberContext, type Queryable, READ, type ReadSession, type Tx } from '../session.ts'
import { refuseInsideTransaction, runTransaction } from '../transaction.ts'
import { FairLock } from './fair-lock.ts'
import { createPrivateFile } from './private-file.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { SqliteTransaction } from './sqlite-transaction.ts'
import { WriteGroup } from './write-group.ts'

const LOCK_WAIT_MS = 2_000 // SQLite has one writer; a queue longer than this is overload

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
  const lock = new FairLock(LOCK_WAIT_MS)
  const group = new WriteGroup(writeConnection, lock)

  const transaction = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    refuseInsideTransaction()
    const until = performance.now() + LOCK_WAIT_MS
    const turn = lock.acquire()
    if (turn !== undefined) await turn
    const engine = new SqliteTransaction(writeConnection, group, { target, until })
    const running = runTransaction(engine, work, options.detectOutsideWaits ?? false)
    if (engine.isInGroup) {
      lock.release() // the group asks for it by itself
      return running
    }
    try {
      return await running
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
    async overwriteDeleted() {
      const turn = lock.acquire()
      if (turn !== undefined) await turn
      try {
        return writeConnection.emptyLog()
      } finally {
        lock.release()
      }
    },
    async ping() {
      readConnection.exec('select 1')
    },
    async close() {
      await group.drain()
      await lock.acquire()
      readConnection.close()
      writeConnection.optimize()
      writeConnection.close()
    },
  }
}
