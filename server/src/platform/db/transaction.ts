import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TransactionUseError } from './errors.ts'
import type { Encoded, Statement } from './query/compile.ts'
import {
  memberContext,
  type Queryable,
  READ,
  type RowContext,
  type Tx,
  WRITE,
  type WriteSession,
} from './session.ts'

/** One engine's connection while a transaction is open on it. */
export interface TransactionEngine extends WriteSession {
  /** `as` is whose rows this one statement sees, on engines that hold row security. */
  all(statement: Statement, values: Encoded[], as?: RowContext): Promise<unknown[]>
  first(statement: Statement, values: Encoded[], as?: RowContext): Promise<unknown>
  /** BEGIN, SAVEPOINT, ROLLBACK and their like. */
  control(sql: string): Promise<void>
  /**
   * Called when `work` has returned its promise, which `isWhole` says is the one of its only statement, so that nothing
   * can follow it. Answers whether COMMIT was sent along with it.
   */
  opened?(isWhole: boolean): boolean
  /**
   * Sends COMMIT behind what is under way; settles with its answer. Only on an engine whose transaction, once a statement
   * of it has failed, cannot commit any more.
   */
  commitBehind?(): Promise<void>
  /** Statements sent and not yet answered. */
  readonly inFlight: number
  /** Called when the last of those was answered, for who watches. */
  onAnswered?: (() => void) | undefined
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

const NOTHING_YET: Promise<unknown> = Promise.resolve()

/** The state that a transaction shares with its savepoints. */
class TransactionState {
  readonly engine: TransactionEngine
  readonly reactions: (() => void)[] = []
  readonly open: OpenTransaction = { isOpen: true }
  /** The answer of the only statement so far, if it has no rows: reading them could fail after the commit. */
  only: Promise<unknown> | undefined = NOTHING_YET
  /** How many savepoints were opened; names them. */
  savepoints = 0
  failure: unknown
  /** Set once a failure is beyond any savepoint. */
  isLost = false
  /** Its only statement carries the commit, so that none may follow. */
  isCommitSent = false
  /** Work has said that nothing follows. */
  isClosed = false
  /** The answer of a COMMIT that was sent behind the last statements. */
  committing: Promise<void> | undefined

  constructor(engine: TransactionEngine) {
    this.engine = engine
  }

  /** PostgreSQL aborts a transaction at its first error and SQLite goes on; here both abort. */
  guard<T>(answer: Promise<T>, mayBeOnly = false): Promise<T> {
    this.only = mayBeOnly && this.only === NOTHING_YET ? answer : undefined
    answer.catch(this.#fail)
    return answer
  }

  readonly #fail = (error: unknown): void => {
    this.failure ??= error
  }

  assertUsable(): void {
    if (!this.open.isOpen) throw new TransactionUseError('This transaction is over.')
    this.#assertSound()
  }

  #assertSound(): void {
    if (this.failure) throw new TransactionUseError('This transaction has failed.', { cause: this.failure })
  }

  /** Throws where a statement can no longer be part of the transaction. */
  assertTakesMore(): void {
    this.assertUsable()
    if (this.isCommitSent || this.isClosed) throw new TransactionUseError('This transaction is over.')
  }

  /** Takes no more statements, and sends COMMIT where it may go out behind those whose answers these are. */
  close(answers: Promise<unknown>): void {
    this.assertTakesMore()
    this.isClosed = true
    answers.catch(this.#fail)
    this.committing = this.#commitBehind()
    this.committing?.catch(() => undefined) // whoever waits for the transaction is told
  }

  #commitBehind(): Promise<void> | undefined {
    const { engine } = this
    if (!engine.commitBehind) return undefined
    // Note: a value that no column takes is refused here and not by the database, and is known by the end of this turn.
    return nextTurn().then(() => {
      this.#assertSound()
      return this.isCommitSent ? undefined : engine.commitBehind?.()
    })
  }
}

/** One `Tx`: the transaction itself, or one of its savepoints. */
class TransactionHandle implements WriteSession {
  readonly state: TransactionState
  readonly #isSavepoint: boolean
  phase: 'active' | 'in savepoint' | 'over' = 'active'

  constructor(state: TransactionState, { isSavepoint }: { isSavepoint: boolean }) {
    this.state = state
    this.#isSavepoint = isSavepoint
  }

  get target() {
    return this.state.engine.target
  }

  all(statement: Statement, values: Encoded[], as?: RowContext): Promise<unknown[]> {
    return this.#refusal() ?? this.state.guard(this.state.engine.all(statement, values, as))
  }

  first(statement: Statement, values: Encoded[], as?: RowContext): Promise<unknown> {
    return this.#refusal() ?? this.state.guard(this.state.engine.first(statement, values, as))
  }

  run(statement: Statement, values: Encoded[]): Promise<number> {
    return this.#refusal() ?? this.state.guard(this.state.engine.run(statement, values), true)
  }

  execute(statement: Statement, values: Encoded[]): Promise<void> {
    return this.#refusal() ?? this.state.guard(this.state.engine.execute(statement, values), true)
  }

  // Note: not async functions, which would cost each statement a promise and hide which one the engine gave.
  #refusal(): Promise<never> | undefined {
    try {
      this.assertActive()
      this.state.assertTakesMore()
      return undefined
    } catch (error) {
      return Promise.reject(error)
    }
  }

  close(answers: Promise<unknown>): void {
    this.assertActive()
    if (this.#isSavepoint) throw new TransactionUseError('A savepoint cannot end its transaction.')
    this.state.close(answers)
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
  state.assertTakesMore()
  const inner = new TransactionHandle(state, { isSavepoint: true })
  const name = `s${++state.savepoints}`
  const reactionsBefore = state.reactions.length
  outer.phase = 'in savepoint'
  try {
    await state.guard(state.engine.control(`savepoint ${name}`))
    const result = await work(new OpenTx(inner))
    inner.phase = 'over'
    state.assertUsable()
    await state.guard(state.engine.control(`release ${name}`))
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

/** What `work` gets to see of its handle. A class, because an object written out each time costs a hundred times as much. */
class OpenTx implements Tx {
  readonly #handle: TransactionHandle

  constructor(handle: TransactionHandle) {
    this.#handle = handle
  }

  get [READ](): WriteSession {
    return this.#handle
  }

  get [WRITE](): WriteSession {
    return this.#handle
  }

  asMember(userId: string): Queryable {
    const context = memberContext(userId)
    const { target } = this.#handle
    return {
      [READ]: {
        target,
        all: (statement, values) => this.#handle.all(statement, values, context),
        first: (statement, values) => this.#handle.first(statement, values, context),
      },
    }
  }

  savepoint<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return savepoint(this.#handle, work)
  }

  last<T>(answers: Promise<T>): Promise<T> {
    this.#handle.close(answers)
    return answers
  }

  afterCommit(react: () => void): void {
    this.#handle.assertActive()
    this.#handle.state.assertUsable()
    this.#handle.state.reactions.push(react)
  }
}

/**
 * For tests: fails a transaction whose work waits for anything but the database. A statement's answer arrives before
 * the event loop comes round idle twice; a wait for the outside world does not.
 */
function watchOutsideWaits(state: TransactionState): () => void {
  const { engine } = state
  let idleTurns = 0
  let timer: NodeJS.Immediate | undefined
  const look = () => {
    if (engine.inFlight > 0) return // the answer starts it again; turn upon turn would keep a processor busy meanwhile
    idleTurns++
    if (idleTurns > 2) {
      state.failure ??= new TransactionUseError('A transaction waited for something outside the database.')
      state.isLost = true
    } else timer = setImmediate(look)
  }
  const start = () => {
    idleTurns = 0
    clearImmediate(timer)
    timer = setImmediate(look)
  }
  engine.onAnswered = start
  start()
  return () => {
    engine.onAnswered = undefined
    clearImmediate(timer)
  }
}

/** Like an async function, but hands on the very promise that `work` returned. */
function start<T>(work: (tx: Tx) => Promise<T>, tx: Tx): Promise<T> {
  try {
    return work(tx)
  } catch (error) {
    return Promise.reject(error)
  }
}

/**
 * Runs `work` between BEGIN, which the engine sends by itself, and COMMIT or ROLLBACK. Work that returns the very promise of
 * its only statement, as `(tx) => insert(tx, row)` does, may travel in one piece. `detectOutsideWaits` turns on the watch
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
    const working = current.run(
      state.open,
      start,
      work,
      new OpenTx(new TransactionHandle(state, { isSavepoint: false })),
    )
    state.isCommitSent = engine.opened?.(working === state.only) ?? false
    result = await working
    if (!state.isCommitSent) state.assertUsable()
    state.open.isOpen = false
    if (!state.isCommitSent) await (state.committing ?? engine.control('commit'))
  } catch (error) {
    state.open.isOpen = false
    state.failure ??= error // so that no COMMIT goes out any more
    await state.committing?.catch(() => undefined)
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
