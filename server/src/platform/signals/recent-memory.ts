interface Entry<T> {
  readonly value: T
  readonly loadedAtMs: number
}

/** How long and how much is remembered. */
export interface RecentMemoryOptions {
  /** How long a value is trusted without being told anything. */
  readonly maxAgeMs: number
  readonly maxEntries: number
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number
}

/**
 * Remembers what was read a moment ago. `forget` wins over loads that are under way: what they read may be from before
 * the change, so it is used once and not kept.
 */
export class RecentMemory<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #options: Required<RecentMemoryOptions>
  #generation = 0

  constructor({ now = () => performance.now(), ...options }: RecentMemoryOptions) {
    this.#options = { now, ...options }
  }

  /** The value of a key, if it is recent. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (this.#options.now() - entry.loadedAtMs <= this.#options.maxAgeMs) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  /** Reads a value anew and keeps it, unless something was forgotten meanwhile or there is none. */
  async load(key: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const generation = this.#generation
    const loadedAtMs = this.#options.now()
    const value = await read()
    if (value !== undefined && generation === this.#generation) this.#keep(key, { value, loadedAtMs })
    return value
  }

  #keep(key: string, entry: Entry<T>): void {
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    const oldest =
      this.#entries.size > this.#options.maxEntries ? this.#entries.keys().next().value : undefined
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  /** Forgets every value that `matches`. */
  forget(matches: (value: T) => boolean): void {
    this.#generation++
    for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key)
  }

  get size(): number {
    return this.#entries.size
  }
}
