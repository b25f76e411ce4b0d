/** At most `max` requests per `windowMs` for each address or account. */
export interface RateLimitRule {
  /** `address` counts an IPv4 address or an IPv6 /64; `account` counts the actor, or the address when there is none. */
  readonly per: 'address' | 'account'
  /** Routes that share a name share a count. */
  readonly name: string
  readonly max: number
  readonly windowMs: number
  /** Counted in the store that all processes share, when the server has one; for the routes that guard secrets. */
  readonly shared?: boolean
}

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

export interface MemoryRateLimitOptions {
  /** Default 100,000 (C12), about 20 MB. */
  readonly maxKeys?: number
  /** Milliseconds on a clock that never goes back; default `performance.now`. */
  readonly now?: () => number
}

/**
 * Counts in this process, in windows that start at a key's first request. Memory is bounded: when it is full the
 * oldest key makes room, except that keys at their limit are passed over, so that a flood of addresses does not
 * set anybody free.
 */
export class MemoryRateLimitStore implements RateLimitStore {
  readonly #windows = new Map<string, Window>()
  readonly #maxKeys: number
  readonly #now: () => number

  constructor({ maxKeys = 100_000, now = () => performance.now() }: MemoryRateLimitOptions = {}) {
    this.#maxKeys = maxKeys
    this.#now = now
  }

  /** How many keys are counted; never more than `maxKeys`. */
  get size(): number {
    return this.#windows.size
  }

  take(key: string, { max, windowMs }: Pick<RateLimitRule, 'max' | 'windowMs'>): RateLimitState {
    const now = this.#now()
    const window = this.#windows.get(key)
    if (window === undefined || window.endsAt <= now) return this.#open(key, { max, windowMs }, now)
    const allowed = window.count < max
    if (allowed) window.count++
    return { allowed, remaining: max - window.count, resetMs: window.endsAt - now }
  }

  #open(
    key: string,
    { max, windowMs }: Pick<RateLimitRule, 'max' | 'windowMs'>,
    now: number,
  ): RateLimitState {
    if (!this.#windows.delete(key) && this.#windows.size >= this.#maxKeys) this.#makeRoom(now)
    const count = max > 0 ? 1 : 0
    this.#windows.set(key, { count, endsAt: now + windowMs, max })
    return { allowed: count === 1, remaining: max - count, resetMs: windowMs }
  }

  #makeRoom(now: number): void {
    let passed = 0
    for (const [key, window] of this.#windows) {
      this.#windows.delete(key)
      const isBlocked = window.count >= window.max && window.endsAt > now
      if (!isBlocked || passed++ === MAX_PASSED) return
      this.#windows.set(key, window)
    }
  }
}

const MAX_PASSED = 8 // bounds the work of one request; a flood of blocked keys still evicts

/** The whole seconds for `Retry-After` and `RateLimit-Reset`: at least one. */
export function resetSeconds({ resetMs }: RateLimitState): number {
  return Math.max(1, Math.ceil(resetMs / 1_000))
}
