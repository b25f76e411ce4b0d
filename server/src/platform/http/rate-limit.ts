/** At most `max` requests per `windowMs` for each address or account. */
export interface RateLimitRule {
  /**
   * `address` counts an IPv4 address or an IPv6 /64; `account` counts the actor, or the address when there is none. All
   * sessions of an account are one count, and all its personal access tokens another.
   */
  readonly per: 'address' | 'account'
  /** Routes that share a name share a count. */
  readonly name: string
  readonly max: number
  readonly windowMs: number
  /** Counted in the store that all processes share, when the server has one; for the routes that guard secrets. */
  readonly shared?: boolean
}

/** Where a key stands after one request. */
export interface RateLimitState {
  readonly allowed: boolean
  /** How many more are allowed until the window ends. */
  readonly remaining: number
  /** Until the window ends. */
  readonly resetMs: number
}

/** Counts. One call is one atomic check-and-count: of parallel calls at the limit exactly `max` are allowed. */
export interface RateLimitStore {
  take(key: string, rule: Pick<RateLimitRule, 'max' | 'windowMs'>): RateLimitState | Promise<RateLimitState>
}

interface Window {
  count: number
  endsAt: number
  readonly max: number
}

/** How much is counted, and by which clock. */
export interface MemoryRateLimitOptions {
  /** Default 100,000 (C12), about 20 MB. */
  readonly maxKeys?: number
  /** Milliseconds on a clock that never goes back; default `performance.now`. */
  readonly now?: () => number
}

/**
 * Counts in this process, in windows that start at a key's first request. Memory is bounded: keys whose windows began
 * first make room, in bulk, except that keys at their limit stay, so that a flood of addresses does not set
 * anybody free.
 */
export class MemoryRateLimitStore implements RateLimitStore {
  // Note: two generations instead of one map in order of use: dropping the oldest key of a large Map one by one costs
  // time for every key dropped before it.
  #recent = new Map<string, Window>()
  #older = new Map<string, Window>()
  readonly #generation: number
  readonly #now: () => number

  constructor({ maxKeys = 100_000, now = () => performance.now() }: MemoryRateLimitOptions = {}) {
    this.#generation = Math.max(2, Math.floor(maxKeys / 2))
    this.#now = now
  }

  /** How many keys are counted; never more than `maxKeys`. */
  get size(): number {
    return this.#recent.size + this.#older.size
  }

  take(key: string, { max, windowMs }: Pick<RateLimitRule, 'max' | 'windowMs'>): RateLimitState {
    const now = this.#now()
    const window = this.#recent.get(key) ?? this.#older.get(key)
    if (window === undefined || window.endsAt <= now) {
      const count = max > 0 ? 1 : 0
      this.#remember(key, { count, endsAt: now + windowMs, max }, now)
      return { allowed: count === 1, remaining: max - count, resetMs: windowMs }
    }
    const allowed = window.count < max
    if (allowed) window.count++
    return { allowed, remaining: Math.max(0, max - window.count), resetMs: window.endsAt - now }
  }

  #remember(key: string, window: Window, now: number): void {
    if (this.#recent.size >= this.#generation) this.#turnOver(now)
    this.#older.delete(key)
    this.#recent.set(key, window)
  }

  #turnOver(now: number): void {
    const kept = new Map<string, Window>()
    for (const [key, window] of this.#older) {
      if (kept.size >= this.#generation / 2) break
      if (window.count >= window.max && window.endsAt > now) kept.set(key, window)
    }
    this.#older = this.#recent
    this.#recent = kept
  }
}

/** The whole seconds for `Retry-After` and `RateLimit-Reset`: at least one. */
export function resetSeconds({ resetMs }: Pick<RateLimitState, 'resetMs'>): number {
  return Math.max(1, Math.ceil(resetMs / 1_000))
}
