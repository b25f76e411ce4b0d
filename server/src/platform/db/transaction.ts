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
  /** How many savepoints were opened; names them. */
  savepoints = 0
  failure: unknown
  /** Set once a failure is beyond any savepoint. */
  isLost = false

  constructor(engine: TransactionEngine) {
    this.engine = engine
  }

  get target() {
    return this.engine.target
  }

  all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    return this.guard(() => this.engine.all(statement, values))
  }

  first(statement: Statement, values: Encoded[]): Promise<unknown> {
    return this.guard(() => this.engine.first(statement, values))
  }

  run(statement: Statement, values: Encoded[]): Promise<number> {
    return this.guard(() => this.engine.run(statement, values))
  }

  /** PostgreSQL aborts a transaction at its first error and SQLite goes on; here both abort. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
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

/** One `Tx`: the transaction itself, or one of its savepoints. */
class TransactionHandle implements WriteSession {
  readonly state: TransactionState
  phase: 'active' | 'in savepoint' | 'over' = 'active'

  constructor(state: TransactionState) {
    this.state = state
  }

  get target() {
    return this.state.target
  }

  async all(statement: Statement, values: Encoded[]): Promise<unknown[]> {
    this.assertActive()
    return this.state.all(statement, values)
  }

  async first(statement: Statement, values: Encoded[]): Promise<unknown> {
    this.assertActive()
    return this.state.first(statement, values)
  }

  async run(statement: Statement, values: Encoded[]): Promise<number> {
    this.assertActive()
    return this.state.run(statement, values)
  }

  assertActive(): void {
    if (this.phase === 'over') throw new TransactionUseError('This savepoint is over.')
    if (this.phase === 'in savepoint') {
      throw new TransactionUseError('While a savepoint is open, use its tx instead of the outer one.')
    }
  }
}

async function undo(state: TransactionState, name: string): Promise<void> {
  try {
    await state.engine.control(`rollback to ${name}`)
    await state.engine.control(`release ${name}`)
  } catch (error) {
    state.failure = error
    state.isLost = true
  }
}

async function savepoint<T>(outer: TransactionHandle, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { state } = outer
  outer.assertActive()
  state.assertUsable()
  const inner = new TransactionHandle(state)
  const name = `s${++state.savepoints}`
  const reactionsBefore = state.reactions.length
  outer.phase = 'in savepoint'
  try {
    await state.guard(() => state.engine.control(`savepoint ${name}`))
    const result = await work(txOf(inner))
    inner.phase = 'over'
    state.assertUsable()
    await state.guard(() => state.engine.control(`release ${name}`))
    return result
  } catch (error) {
    inner.phase = 'over'
    state.reactions.length = reactionsBefore
    if (!state.isLost) {
      state.failure = undefined
      await undo(state, name)
    }
    throw error
  } finally {
    outer.phase = 'active'
  }
}

function txOf(handle: TransactionHandle): Tx {
  const { state } = handle
  return {
    [READ]: handle,
    [WRITE]: handle,
    savepoint: (work) => savepoint(handle, work),
    afterCommit(react) {
      handle.assertActive()
      state.assertUsable()
      state.reactions.push(react)
    },
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
    if (idleTurns > 2) {
      state.failure ??= new TransactionUseError('A transaction waited for something outside the database.')
      state.isLost = true
    } else timer = setImmediate(look)
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
    result = await current.run(state.open, work, txOf(new TransactionHandle(state)))
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
  for (const react of state.reactions) runReaction(react)
  return result
}

/** What was committed stays committed: a reaction that throws must not look like a transaction that failed. */
function runReaction(react: () => void): void {
  try {
    react()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
