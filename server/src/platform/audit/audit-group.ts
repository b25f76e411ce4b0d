import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Db, InvalidValueError, type Tx } from '../db/index.ts'
import type { Audit, AuditEntry } from './audit.ts'

/** How many entries share one transaction at most. */
const GROUP_MAX = 256
/** How long an entry that nobody waits for may wait for company. */
const LATER_MS = 20

/** An entry, and what its author takes away from having decided on it. */
export interface Decided<T> {
  readonly entry: AuditEntry
  readonly value: T
}

interface Waiting {
  readonly decide: (tx: Tx) => Promise<AuditEntry>
  readonly done: () => void
  readonly fail: (error: unknown) => void
}

/** Appends to the audit log in groups: who asks in the same turn, or while a commit is under way, shares the next one. */
export interface AuditGroup {
  /** Resolves once the entry is durable; rejects when it is not, and then it is not there. */
  append(entry: AuditEntry): Promise<void>
  /**
   * Appends the entry that `decide` makes when its turn has come, of what it reads within the transaction that writes it;
   * resolves with its value once the entry is durable. It may be asked again when a neighbour's entry is refused.
   */
  appendDecided<T>(decide: (tx: Tx) => Promise<Decided<T>>): Promise<T>
  /** Appends soon, and drops the entry when the database refuses it: `onLost` is told. */
  appendLater(entry: AuditEntry): void
  /** Waits until everything that was asked for is written or refused. */
  flush(): Promise<void>
}

interface AuditGroupParts {
  readonly db: Db
  readonly audit: Audit
  /** Told of each entry of `appendLater` that could not be written. */
  readonly onLost: (entry: AuditEntry, error: unknown) => void
}

/**
 * Opens a queue in front of the audit log. One transaction runs at a time and takes along everything that waits, so that a
 * hundred entries cost about as much as one: the commit and the turn at the end of the chain are what is dear.
 */
export function createAuditGroup({ db, audit, onLost }: AuditGroupParts): AuditGroup {
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const write = async (group: readonly Waiting[]): Promise<void> => {
    try {
      await db.withSystem((tx) =>
        audit.recordDecided(tx, () => Promise.all(group.map(({ decide }) => decide(tx)))),
      )
      for (const { done } of group) done()
    } catch (error) {
      // Note: an entry that no column can hold must not take its neighbours along.
      if (error instanceof InvalidValueError && group.length > 1) for (const one of group) await write([one])
      else for (const { fail } of group) fail(error)
    }
  }
  const writeAll = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    while (waiting.length > 0) {
      // Note: a turn of the event loop lets all come along that have arrived, and another process at SQLite's one write lock.
      await nextTurn()
      const group = waiting.slice(0, GROUP_MAX)
      waiting = waiting.slice(GROUP_MAX)
      await write(group)
    }
    running = undefined
  }
  const run = (): Promise<void> => (running ??= writeAll())
  const appendDecided = <T>(decide: (tx: Tx) => Promise<Decided<T>>): Promise<T> =>
    new Promise((resolve, fail) => {
      let decided: Decided<T> | undefined
      waiting.push({
        decide: async (tx) => {
          decided = await decide(tx)
          return decided.entry
        },
        done: () => decided && resolve(decided.value),
        fail,
      })
      void run()
    })
  return {
    append: (entry) => appendDecided(async () => ({ entry, value: undefined })),
    appendDecided,
    appendLater(entry) {
      waiting.push({
        decide: async () => entry,
        done: () => undefined,
        fail: (error) => onLost(entry, error),
      })
      if (!running) timer ??= setTimeout(() => void run(), LATER_MS).unref()
    },
    async flush() {
      while (running || waiting.length > 0) await run()
    },
  }
}
