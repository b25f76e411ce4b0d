import { AsyncLocalStorage } from 'node:async_hooks'
import { TransactionUseError } from './errors.ts'
import type { Encoded, Statement } from './query/compile.ts'
import { READ, type Tx, WRITE, type WriteSession } from './session.ts'

/** One engine's connection while a transaction is open on it. */
export interface TransactionEngine extends WriteSession {
  /** BEGIN, SAVEPOINT, ROLLBACK and their like. */
  control(sql: string): Promise<void>
  /** Statements sent and not yet answered. */
  readonly inFlight: number
}

interface OpenTransaction {
  isOpen: boolean
}

const current = new AsyncLocalStorage<OpenTransaction>()

/**
 * Throws inside an open transaction. A read or write past its `Tx` would see other data than it, wait for itself on
 * SQLite, and starve a pool of one connection on PostgreSQL.
 */
export function refuseInsideTransaction(): void {
  if (current.getStore()?.isOpen) {
    throw new TransactionUseError('Inside a transaction, use its tx instead of the database.')
  }
}

/** The state that a transaction shares with its savepoints. */
class TransactionState implements WriteSession {
  readonly engine: TransactionEngine
  readonly reactions: (() => void)[] = []
  readonly open: OpenTransaction = { isOpen: true }
  depth = 0
  failure: unknown

  constructor(engine: TransactionEngine) {
    this.engine = engine
  }

  get target() {
    return this.engine.target
  }

  all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return this.#guard(() => this.engine.all(statement, values))
  }

  first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return this.#guard(() => this.engine.first(statement, values))
  }

  run(statement: Statement, values: Encoded[]): Promise<number> {
    return this.#guard(() => this.engine.run(statement, values))
  }

  /** PostgreSQL aborts a transaction at its first error and SQLite goes on; here both abort. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    this.assertUsable()
    try {
      return await work()
    } catch (error) {
      this.failure ??= error
      throw error
    }
  }

  assertUsable(): void {
    if (!this.open.isOpen) throw new TransactionUseError('This transaction is over.')
    if (this.failure) throw new TransactionUseError('This transaction has failed.', { cause: this.failure })
  }
}

async function savepoint<T>(state: TransactionState, work: (tx: Tx) => Promise<T>): Promise<T> {
  state.assertUsable()
  const name = `s${++state.depth}`
  const reactionsBefore = state.reactions.length
  await state.engine.control(`savepoint ${name}`)
  try {
    const result = await work(txOf(state))
    state.assertUsable()
    await state.engine.control(`release ${name}`)
    return result
  } catch (error) {
    state.failure = undefined
    state.reactions.length = reactionsBefore
    await state.engine.control(`rollback to ${name}`)
    await state.engine.control(`release ${name}`)
    throw error
  } finally {
    state.depth--
  }
}

function txOf(state: TransactionState): Tx {
  return {
    [READ]: state,
    [WRITE]: state,
    savepoint: (work) => savepoint(state, work),
    afterCommit: (react) => state.reactions.push(react),
  }
}

/**
 * For tests: fails a transaction whose work waits for anything but the database. A statement's answer arrives before
 * the event loop comes round idle twice; a wait for the outside world does not.
 */
function watchOutsideWaits(state: TransactionState): () => void {
  let idleTurns = 0
  let timer: NodeJS.Immediate
  const look = () => {
    idleTurns = state.engine.inFlight > 0 ? 0 : idleTurns + 1
    if (idleTurns > 2)
      state.failure ??= new TransactionUseError('A transaction waited for something outside the database.')
    else timer = setImmediate(look)
  }
  timer = setImmediate(look)
  return () => clearImmediate(timer)
}

/**
 * Runs `work` between BEGIN, which the caller has sent, and COMMIT or ROLLBACK. `detectOutsideWaits` turns on the watch
 * above.
 */
export async function runTransaction<T>(
  engine: TransactionEngine,
  work: (tx: Tx) => Promise<T>,
  detectOutsideWaits: boolean,
): Promise<T> {
  const state = new TransactionState(engine)
  const stopWatching = detectOutsideWaits ? watchOutsideWaits(state) : undefined
  let result: T
  try {
    result = await current.run(state.open, work, txOf(state))
    state.assertUsable()
    state.open.isOpen = false
    await engine.control('commit')
  } catch (error) {
    state.open.isOpen = false
    await engine.control('rollback').catch(() => undefined)
    throw error
  } finally {
    stopWatching?.()
  }
  for (const react of state.reactions) react()
  return result
}
