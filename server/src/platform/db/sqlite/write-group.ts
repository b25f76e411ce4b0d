import type { Encoded, Statement } from '../query/compile.ts'
import { type FairLock, outOfTime } from './fair-lock.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import { isSqliteBusy } from './sqlite-errors.ts'
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
 * many as for one. Each is still whole or not at all, nobody hears of one before it is durable, and one that fails or is
 * out of time takes none of the others along. When a turn turns out to have had one such write alone, the next ones do not wait for its end,
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
      const turn = this.#lock.acquire(() => this.#refuseLate())
      if (turn !== undefined) await turn
    } catch {
      return // nobody waits any more
    }
    const writes = this.#waiting.splice(0, MOST)
    if (writes.length === 0) return this.#lock.release()
    if (this.#waiting.length > 0) this.#commitSoon()
    this.#untilProbe = writes.length === 1 ? PROBE_AFTER : 0
    try {
      const begun = writes.length > 1 ? await this.#begin(writes) : []
      if (writes.length === 1) await this.#oneByOne(writes)
      else if (begun.length > 0 && !this.#together(begun)) await this.#oneByOne(begun)
    } catch (error) {
      for (const { reject } of writes) reject(error)
    } finally {
      this.#lock.release()
    }
  }

  /** Refuses those who wait and are out of time; for how long the others may wait. */
  #refuseLate(): number {
    const now = performance.now()
    const waiting = this.#waiting.splice(0)
    for (const write of waiting) {
      if (write.until > now) this.#waiting.push(write)
      else write.reject(outOfTime())
    }
    return this.#waiting.length > 0 ? timeOf(this.#waiting) - now : 0
  }

  /** Begins a transaction; for whom it did, because the others were out of time and are refused. */
  async #begin(writes: readonly HeldWrite[]): Promise<readonly HeldWrite[]> {
    for (let left = writes; left.length > 0; ) {
      try {
        const begun = whenFree(() => this.#connection.control('begin immediate'), timeOf(left))
        if (begun !== undefined) await begun
        return left
      } catch (error) {
        if (!isSqliteBusy(error)) throw error
        const now = performance.now()
        for (const { until, reject } of left) if (until <= now) reject(error)
        left = left.filter(({ until }) => until > now)
      }
    }
    return []
  }

  /** Runs and commits them in the transaction that began; false when none of it holds because more than a statement failed. */
  #together(writes: readonly HeldWrite[]): boolean {
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

/** When the first of them is out of time. */
function timeOf(writes: readonly HeldWrite[]): number {
  return writes.reduce((first, { until }) => Math.min(first, until), Number.POSITIVE_INFINITY)
}
