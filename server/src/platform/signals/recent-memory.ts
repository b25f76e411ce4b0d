interface Entry<T> {
  readonly value: T
  readonly loadedAtMs: number
}

/** How long and how much is remembered. */
export interface RecentMemoryOptions<T> {
  /** What a value is forgotten by. */
  readonly groupOf: (value: T) => string
  /** How long a value is trusted without being told anything. */
  readonly maxAgeMs: number
  readonly maxEntries: number
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number
}

/**
 * Remembers what was read a moment ago. Forgetting wins over loads that are under way: what they read may be from before
 * the change, so it is used once and not kept.
 */
export class RecentMemory<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #groups = new Map<string, Set<string>>()
  readonly #options: Required<RecentMemoryOptions<T>>
  #generation = 0

  constructor({ now = () => performance.now(), ...options }: RecentMemoryOptions<T>) {
    this.#options = { now, ...options }
  }

  /** The value of a key, if it is recent. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (this.#options.now() - entry.loadedAtMs <= this.#options.maxAgeMs) return entry.value
    this.#drop(key)
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
    this.#drop(key)
    this.#entries.set(key, entry)
    const group = this.#options.groupOf(entry.value)
    const keys = this.#groups.get(group)
    if (keys === undefined) this.#groups.set(group, new Set([key]))
    else keys.add(key)
    const oldest =
      this.#entries.size > this.#options.maxEntries ? this.#entries.keys().next().value : undefined
    if (oldest !== undefined) this.#drop(oldest)
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    const group = this.#options.groupOf(entry.value)
    const keys = this.#groups.get(group)
    keys?.delete(key)
    if (keys?.size === 0) this.#groups.delete(group)
  }

  /** Forgets every value of a group. */
  forget(group: string): void {
    this.#generation++
    for (const key of this.#groups.get(group) ?? []) this.#drop(key)
  }

  forgetAll(): void {
    this.#generation++
    this.#entries.clear()
    this.#groups.clear()
  }

  get size(): number {
    return this.#entries.size
  }
}
