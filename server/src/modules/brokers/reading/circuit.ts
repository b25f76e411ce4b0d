import { SECOND } from '../../../platform/durations.ts'

/** How long failures count, and how long an open circuit stays open. */
export const CIRCUIT_MS = 30 * SECOND

/** One failure: when, with whose key. */
export interface Failure {
  readonly atMs: number
  readonly key: string
  readonly owner: string
}

/** When a circuit opens, and what keeps it open. */
export interface CircuitRule {
  /** Whether these failures of the last 30 s, with no answer between them, are enough to open it. */
  isEnough(failures: readonly Failure[]): boolean
  /** Whether the failure of a trial opens it for another 30 s; otherwise the next trial may follow at once. */
  isNews(failure: Failure, known: readonly Failure[]): boolean
}

/** Leave to ask, to be handed back with how it went. */
export interface Pass {
  readonly isTrial: boolean
}

/** Leave, or how long to wait for it. */
export type Admission = Pass | { readonly waitMs: number }

const MAX_FAILURES = 100 // far more than any rule needs

/**
 * A circuit breaker: closed it lets everybody through; open it lets nobody through for 30 s; then one at a time, until one is
 * answered. Moments are milliseconds of a clock that may jump: a circuit that was opened in the future is over.
 */
export class Circuit {
  readonly #rule: CircuitRule
  #failures: Failure[] = []
  #openedAtMs: number | undefined
  #trial: Pass | undefined

  constructor(rule: CircuitRule) {
    this.#rule = rule
  }

  admit(nowMs: number): Admission {
    if (this.#openedAtMs === undefined) return { isTrial: false }
    const openMs = nowMs - this.#openedAtMs
    if (openMs >= 0 && openMs < CIRCUIT_MS) return { waitMs: CIRCUIT_MS - openMs }
    if (this.#trial) return { waitMs: SECOND }
    this.#trial = { isTrial: true }
    return this.#trial
  }

  /** The other side answered: whatever was counted is forgotten. */
  answered(): void {
    this.#failures = []
    this.#openedAtMs = undefined
    this.#trial = undefined
  }

  failed(pass: Pass, failure: Failure): void {
    const isClosed = this.#openedAtMs === undefined
    const isTrial = this.release(pass)
    if (!isClosed && !isTrial) return
    const isNews = this.#rule.isNews(failure, this.#failures)
    if (isClosed) this.#forget(failure.atMs)
    this.#failures = [...this.#failures, failure].slice(-MAX_FAILURES)
    const opens = isClosed ? this.#rule.isEnough(this.#failures) : isNews
    if (opens) this.#openedAtMs = failure.atMs
  }

  /** Hands leave back without having learnt anything. True when it was the trial. */
  release(pass: Pass): boolean {
    if (this.#trial !== pass) return false
    this.#trial = undefined
    return true
  }

  #forget(nowMs: number): void {
    this.#failures = this.#failures.filter(({ atMs }) => Math.abs(nowMs - atMs) < CIRCUIT_MS)
  }
}
