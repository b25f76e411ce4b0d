import type { Encoded, Statement } from '../query/compile.ts'
import type { FairLock } from './fair-lock.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import { whenFree } from './when-free.ts'

/** The only statement of a transaction, and who waits for it. */
export interface HeldWrite {
  readonly statement: Statement
  readonly values: Encoded[]
  readonly settle: (count: number) => void
  readonly reject: (error: unknown) => void
  /** How long it may wait for the write lock, on the clock of `performance.now()`. */
  readonly until: number
}

const MOST = 128 // as many as take about 2 ms, for which the event loop stands still
const PROBE_AFTER = 32

/**
 * Commits transactions of one write together, those of one turn of the event loop: a commit waits for the disk as long for
 * many as for one. Each is still whole or not at all, nobody hears of one before it is durable, and one that fails takes
 * none of the others along. When a turn turns out to have had one such write alone, the next ones do not wait for its end,
 * but for one in a while that looks whether others come.
 */
export class WriteGroup {
  readonly #connection: SqliteConnection
  readonly #lock: FairLock
  readonly #waiting: HeldWrite[] = []
  #untilProbe = 0

  constructor(connection: SqliteConnection, lock: FairLock) {
    this.#connection = connection
    this.#lock = lock
  }

  /** Whether it is committed with others at the end of this turn; if not, its owner runs it at once. */
  takes(write: HeldWrite): boolean {
    if (this.#waiting.length === 0 && this.#untilProbe > 0) {
      this.#untilProbe--
      return false
    }
    if (this.#waiting.push(write) === 1) this.#commitSoon()
    return true
  }

  /** Commits what waits. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit()
  }

  #commitSoon(): void {
    setImmediate(() => void this.#commit())
  }

  async #commit(): Promise<void> {
    if (this.#waiting.length === 0) return
    try {
      const turn = this.#lock.acquire()
      if (turn !== undefined) await turn
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error)
      return
    }
    const writes = this.#waiting.splice(0, MOST)
    if (this.#waiting.length > 0) this.#commitSoon()
    this.#untilProbe = writes.length === 1 ? PROBE_AFTER : 0
    try {
      if (writes.length === 1 || !(await this.#together(writes))) await this.#oneByOne(writes)
    } catch (error) {
      for (const { reject } of writes) reject(error)
    } finally {
      this.#lock.release()
    }
  }

  /**
   * Runs them in one transaction; false when none of it holds because more than a statement failed. Throws when it could not
   * begin: then each by itself could not either.
   */
  async #together(writes: readonly HeldWrite[]): Promise<boolean> {
    const until = Math.min(...writes.map((write) => write.until))
    const begun = whenFree(() => this.#connection.control('begin immediate'), until)
    if (begun !== undefined) await begun
    try {
      const tellers = writes.map((write) => this.#attempt(write))
      this.#connection.control('commit')
      for (const tell of tellers) tell()
      return true
    } catch {
      if (this.#connection.isInTransaction) this.#connection.control('rollback')
      return false
    }
  }

  /** What to tell its owner once it is committed. Throws when the failure of a statement ended the whole transaction. */
  #attempt({ statement, values, settle, reject }: HeldWrite): () => void {
    try {
      const count = this.#connection.run(statement, values)
      return () => settle(count)
    } catch (error) {
      if (!this.#connection.isInTransaction) throw error
      return () => reject(error)
    }
  }

  async #oneByOne(writes: readonly HeldWrite[]): Promise<void> {
    for (const { statement, values, settle, reject, until } of writes) {
      try {
        settle(await whenFree(() => this.#connection.run(statement, values), until))
      } catch (error) {
        reject(error)
      }
    }
  }
}
