import Database from 'better-sqlite3'
import type { Encoded, Statement } from '../../../../server/src/platform/db/query/compile.ts'
import { createRowDecoder, type RowDecoder } from '../../../../server/src/platform/db/query/row-decoder.ts'
import { type Db, READ, type ReadSession, type Tx } from '../../../../server/src/platform/db/session.ts'
import { FairLock } from '../../../../server/src/platform/db/sqlite/fair-lock.ts'
import {
  refuseInsideTransaction,
  runTransaction,
  type TransactionEngine,
} from '../../../../server/src/platform/db/transaction.ts'
import { type OpenContender, SQLITE_PRAGMAS, sqlitePath } from '../contender.ts'
import { contenderOn } from './outcry.ts'

interface Prepared {
  readonly statement: Database.Statement<unknown[], ArrayLike<unknown>>
  readonly decode: RowDecoder
}

const LOCK_WAIT_MS = 2_000

/** The layer's SQLite connection on the other driver: raw rows, decoded by the same decoder. */
class Connection implements TransactionEngine {
  readonly target = { dialect: 'sqlite', ownerPredicates: true } as const
  readonly inFlight = 0
  readonly #database: Database.Database
  readonly #prepared = new Map<number, Prepared>()
  readonly #controls = new Map<string, Database.Statement>()

  constructor(path: string, readonly: boolean) {
    this.#database = new Database(path, { readonly })
    this.#database.exec(SQLITE_PRAGMAS)
  }

  async all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    const { statement: prepared, decode } = this.#prepare(statement)
    return prepared.all(...values).map(decode)
  }

  async first(statement: Statement, values: Encoded[]): Promise<unknown> {
    const { statement: prepared, decode } = this.#prepare(statement)
    const row = prepared.get(...values)
    return row && decode(row)
  }

  async run(statement: Statement, values: Encoded[]): Promise<number> {
    return this.#prepare(statement).statement.run(...values).changes
  }

  async execute(statement: Statement, values: Encoded[]): Promise<void> {
    this.#prepare(statement).statement.run(...values)
  }

  async control(sql: string): Promise<void> {
    const prepared = this.#controls.get(sql) ?? this.#database.prepare(sql)
    this.#controls.set(sql, prepared)
    prepared.run()
  }

  #prepare({ id, sql, registry, hints }: Statement): Prepared {
    const known = this.#prepared.get(id)
    if (known) return known
    const statement = this.#database.prepare<unknown[], ArrayLike<unknown>>(sql)
    const columns = statement.reader ? statement.raw(true).columns() : []
    const types = columns.map(({ name, table, column }) => ({
      name,
      type: registry.get(table ?? '')?.columns[column ?? '']?.facts.type ?? hints.get(name),
    }))
    const entry = { statement, decode: createRowDecoder('sqlite', types) }
    this.#prepared.set(id, entry)
    return entry
  }

  close(): void {
    this.#database.close()
  }
}

function openDb(path: string): Db {
  const writer = new Connection(path, false)
  const reading = new Connection(path, true)
  const lock = new FairLock(LOCK_WAIT_MS)
  const reader: ReadSession = {
    target: reading.target,
    async all(statement, values) {
      refuseInsideTransaction()
      return reading.all(statement, values)
    },
    async first(statement, values) {
      refuseInsideTransaction()
      return reading.first(statement, values)
    },
  }
  const transaction = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    refuseInsideTransaction()
    await lock.acquire()
    try {
      await writer.control('begin immediate')
      return await runTransaction(writer, work, false)
    } finally {
      lock.release()
    }
  }
  const queryable = { [READ]: reader }
  return {
    dialect: 'sqlite',
    ...queryable,
    transaction,
    withMember: (_userId, work) => transaction(work),
    withSystem: transaction,
    asMember: () => queryable,
    asSystem: () => queryable,
    overwriteDeleted: async () => true,
    ping: async () => undefined,
    async close() {
      reading.close()
      writer.close()
    },
  }
}

/** This layer with better-sqlite3 in place of node:sqlite, to choose between them. */
export const open: OpenContender = async (location) => contenderOn(openDb(sqlitePath(location)))
