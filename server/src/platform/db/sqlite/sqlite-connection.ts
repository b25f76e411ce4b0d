import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Encoded, Statement } from '../query/compile.ts'
import { createRowDecoder, type RowDecoder } from '../query/row-decoder.ts'
import { confine } from './confine.ts'
import { isSqliteBusy, translateSqliteError } from './sqlite-errors.ts'

interface Prepared {
  readonly statement: StatementSync
  readonly decode: RowDecoder
  readonly isRowless: boolean
}

/** A waiting lock blocks the event loop: only what nobody tries again may wait, such as opening, and not for longer. */
const MOMENT_MS = 20
const CACHE_KIB = 16_384
/** Every time the log is moved into the database, one commit waits: seldom enough not to be noticed, and not for too much. */
const LOG_PAGES = 2_000
const PREPARED_MAX = 2_000
const CONTROLS_MAX = 50

const PRAGMAS = [
  'journal_mode = wal',
  'synchronous = full',
  'foreign_keys = on',
  'temp_store = memory',
  'secure_delete = on', // what is deleted or replaced is overwritten with zeros; it was measured to cost nothing
  `cache_size = -${CACHE_KIB}`,
  `wal_autocheckpoint = ${LOG_PAGES}`,
]

/**
 * One SQLite connection with its prepared statements. Synchronous; every error leaves it as one of this layer's. Who writes
 * is told at once when another process does, and tries again later.
 */
export class SqliteConnection {
  readonly database: DatabaseSync
  readonly #prepared = new Map<number, Prepared>()
  readonly #controls = new Map<string, StatementSync>()

  constructor(path: string, options: { readOnly: boolean }) {
    this.database = new DatabaseSync(path, { readOnly: options.readOnly, timeout: MOMENT_MS })
    confine(this.database)
    const pragmas = options.readOnly
      ? PRAGMAS.filter((pragma) => !pragma.startsWith('journal_mode'))
      : PRAGMAS
    this.database.exec(pragmas.map((pragma) => `pragma ${pragma};`).join(' '))
    // Note: a reader waits for no writer, but for one that recovers the log after a crash.
    if (!options.readOnly) this.#waitAtMost(0)
  }

  all(statement: Statement, values: Encoded[]): unknown[] {
    const { statement: prepared, decode } = this.#prepare(statement)
    try {
      const rows: unknown[] = prepared.all(...values)
      for (let i = 0; i < rows.length; i++) rows[i] = decode(asList(rows[i]))
      return rows
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  first(statement: Statement, values: Encoded[]): unknown {
    const { statement: prepared, decode } = this.#prepare(statement)
    try {
      const row: unknown = prepared.get(...values)
      return row === undefined ? undefined : decode(asList(row))
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  run(statement: Statement, values: Encoded[]): number {
    const { statement: prepared } = this.#prepare(statement)
    try {
      return Number(prepared.run(...values).changes)
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  /** Whether it gives no rows, so that one step ends it and tells whether it was committed; false if it cannot be prepared. */
  isRowless(statement: Statement): boolean {
    try {
      return this.#prepare(statement).isRowless
    } catch {
      return false // running it will say why
    }
  }

  exec(sql: string): void {
    try {
      this.database.exec(sql)
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  get isInTransaction(): boolean {
    return this.database.isTransaction
  }

  /** BEGIN, COMMIT, SAVEPOINT s1 …: few texts, so each is prepared once. */
  control(sql: string): void {
    try {
      const prepared = this.#controls.get(sql) ?? this.database.prepare(sql)
      if (this.#controls.size < CONTROLS_MAX) this.#controls.set(sql, prepared)
      prepared.run()
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  #prepare(statement: Statement): Prepared {
    const known = this.#prepared.get(statement.id)
    if (known) return known
    try {
      const prepared = this.database.prepare(statement.sql)
      prepared.setReturnArrays(true)
      const columns = prepared.columns().map(({ name, table, column }) => ({
        name,
        type:
          statement.registry.get(table ?? '')?.columns[column ?? '']?.facts.type ?? statement.hints.get(name),
      }))
      const entry = {
        statement: prepared,
        decode: createRowDecoder('sqlite', columns),
        isRowless: columns.length === 0,
      }
      if (this.#prepared.size >= PREPARED_MAX) this.#prepared.clear()
      this.#prepared.set(statement.id, entry)
      return entry
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  /** Moves the write-ahead log into the database and leaves it empty; false when a reader keeps it from that. */
  emptyLog(): boolean {
    try {
      return this.#withMoment(
        () => this.database.prepare('pragma wal_checkpoint(truncate)').get()?.busy === 0,
      )
    } catch (error) {
      throw translateSqliteError(error)
    }
  }

  /** Renews what the query planner knows of the tables; left to whoever closes next while another process writes. */
  optimize(): void {
    try {
      this.#withMoment(() => this.exec('pragma optimize'))
    } catch (error) {
      if (!isSqliteBusy(error)) throw error
    }
  }

  #withMoment<T>(run: () => T): T {
    this.#waitAtMost(MOMENT_MS)
    try {
      return run()
    } finally {
      this.#waitAtMost(0)
    }
  }

  #waitAtMost(ms: number): void {
    this.database.exec(`pragma busy_timeout = ${ms}`)
  }

  close(): void {
    this.#prepared.clear()
    this.#controls.clear()
    this.database.close()
  }
}

function asList(row: unknown): ArrayLike<unknown> {
  if (!Array.isArray(row)) throw new TypeError('The driver did not return a row as a list.')
  return row
}
