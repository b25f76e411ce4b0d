import type { Encoded, Statement } from '../query/compile.ts'
import type { Target } from '../query/portable-transformer.ts'
import type { TransactionEngine } from '../transaction.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import { whenFree } from './when-free.ts'
import type { WriteGroup } from './write-group.ts'

interface Held {
  readonly statement: Statement
  readonly values: Encoded[]
  readonly settle: (count: number | Promise<number>) => void
  readonly reject: (error: unknown) => void
}

const nothing = (): void => undefined

/**
 * One transaction on the writing connection, which is its alone meanwhile. A write that comes first is held until `opened`
 * tells whether anything can follow it. If nothing can, it runs without BEGIN and COMMIT: SQLite commits a statement outside
 * a transaction by itself, whole or not at all (https://www.sqlite.org/lang_transaction.html), and takes the write lock
 * before it reads, as BEGIN IMMEDIATE does; or the group runs it, and the connection is free for others. Everything else
 * runs between BEGIN IMMEDIATE and COMMIT, because a deferred transaction that reads first can fail with BUSY_SNAPSHOT when
 * it writes.
 */
export class SqliteTransaction implements TransactionEngine {
  readonly target: Target
  readonly #connection: SqliteConnection
  readonly #group: WriteGroup
  readonly #until: number
  #held: Held | undefined
  #phase: 'new' | 'whole' | 'begun' = 'new'
  /** Settles once BEGIN got the lock, if it did not get it at once. */
  #beginning: Promise<void> | undefined
  /** How many are waiting for another process to let go of the write lock, or for the group. */
  inFlight = 0
  onAnswered: (() => void) | undefined
  /** Whether the group has its only write, so that it needs the connection no longer. */
  isInGroup = false

  /** `until` is how long it may wait for the write lock, on the clock of `performance.now()`. */
  constructor(
    connection: SqliteConnection,
    group: WriteGroup,
    { target, until }: { readonly target: Target; readonly until: number },
  ) {
    this.#connection = connection
    this.#group = group
    this.target = target
    this.#until = until
  }

  all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return this.#answer(() => this.#connection.all(statement, values))
  }

  first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return this.#answer(() => this.#connection.first(statement, values))
  }

  run(statement: Statement, values: Encoded[]): Promise<number> {
    if (this.#phase !== 'new' || this.#held)
      return this.#answer(() => this.#connection.run(statement, values))
    return new Promise((settle, reject) => {
      this.#held = { statement, values, settle, reject }
    })
  }

  execute(statement: Statement, values: Encoded[]): Promise<void> {
    return this.run(statement, values).then(nothing)
  }

  async control(sql: string): Promise<void> {
    if (this.#phase === 'whole') return // there is no BEGIN to end
    await this.#answer(() => this.#connection.control(sql))
  }

  opened(isWhole: boolean): boolean {
    const held = this.#held
    if (isWhole && held && this.#connection.isRowless(held.statement)) {
      this.#phase = 'whole'
      this.isInGroup = this.#group.takes({ ...held, until: this.#until })
      if (this.isInGroup) this.inFlight++
      else this.#runHeld(held)
      return true
    }
    this.#begin()
    return false
  }

  async #answer<T>(run: () => T): Promise<T> {
    this.#begin()
    if (this.#beginning !== undefined) await this.#beginning
    return run()
  }

  #begin(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'begun'
    try {
      const beginning = this.#whenFree(() => this.#connection.control('begin immediate'))
      if (beginning !== undefined) this.#beginning = beginning
    } catch (error) {
      this.#beginning = Promise.reject(error)
    }
    this.#beginning?.catch(() => undefined)
    if (this.#held) this.#runHeld(this.#held)
  }

  /** Alone it takes the write lock itself; after BEGIN it has it. */
  #runHeld({ statement, values, settle, reject }: Held): void {
    const run = () => this.#connection.run(statement, values)
    try {
      if (this.#phase === 'whole') settle(this.#whenFree(run))
      else settle(this.#beginning === undefined ? run() : this.#beginning.then(run))
    } catch (error) {
      reject(error)
    }
  }

  #whenFree<T>(run: () => T): T | Promise<T> {
    const running = whenFree(run, this.#until)
    if (!(running instanceof Promise)) return running
    this.inFlight++
    return running.finally(() => {
      this.inFlight--
      if (this.inFlight === 0) this.onAnswered?.()
    })
  }
}
