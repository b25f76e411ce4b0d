import { MINUTE, SECOND } from '../../../platform/durations.ts'
import type { Quota } from '../adapters/adapter.ts'

const SHORTEST_MS = SECOND
const LONGEST_MS = 5 * MINUTE // a reset further away is somebody's clock gone wrong
const UNTOLD_MS = MINUTE // Alpaca counts by the minute
const MAX_KEYS = 10_000

/** Keys that must not ask before a moment their broker named (R20). `now` is in milliseconds and may jump. */
export class Quotas {
  readonly #pauses = new Map<string, { readonly fromMs: number; readonly untilMs: number }>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** How long this key still has to wait; 0 when it may ask. */
  waitMs(key: string): number {
    const pause = this.#pauses.get(key)
    if (pause === undefined) return 0
    const nowMs = this.#now()
    if (nowMs >= pause.fromMs && nowMs < pause.untilMs) return pause.untilMs - nowMs
    this.#pauses.delete(key)
    return 0
  }

  /** Takes note of an answer: that it was a refusal, or that nothing is left until a reset. */
  note(key: string, { remaining, resetsAt }: Quota, isRefused: boolean): void {
    if (!isRefused && (remaining !== 0 || resetsAt === undefined)) return
    const fromMs = this.#now()
    const waitMs = resetsAt === undefined ? UNTOLD_MS : resetsAt.getTime() - fromMs
    if (!isRefused && waitMs <= 0) return
    const untilMs = fromMs + Math.min(LONGEST_MS, Math.max(SHORTEST_MS, waitMs))
    this.#pauses.delete(key)
    this.#pauses.set(key, { fromMs, untilMs })
    const oldest = this.#pauses.size > MAX_KEYS ? this.#pauses.keys().next().value : undefined
    if (oldest !== undefined) this.#pauses.delete(oldest)
  }
}
