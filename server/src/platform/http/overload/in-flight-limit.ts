/** What a limit is found by. */
export interface InFlightLimitOptions {
  readonly now: () => number
  /** Waits as long as a request does for what all share, and does nothing else; such as a ping of the database. */
  readonly ask: () => Promise<void>
}

/** Fewer are never held back, nor is anything asked: twice the connections of the pool, so that none of them stands idle. */
const LEAST = 20
/** No limit: as many as there may be connections. */
const MOST = 10_000
/** Of R11's 100 ms for a look at the health, which waits as long. */
const LONG_MS = 50
const PAUSE_MS = 100
const FEWER = 0.7
const MORE = 1.2

/**
 * How many requests may be under way. There is no limit while what they share, the database, has no queue: those that wait
 * for a broker or for a slow client hold up nobody. While it has one, the limit goes down by steps, and up again when the
 * queue is short. One long look alone counts for nothing.
 */
export class InFlightLimit {
  readonly #options: InFlightLimitOptions
  #max = MOST
  #inFlight = 0
  #askedMs = Number.NEGATIVE_INFINITY
  #isAsking = false
  #longInARow = 0

  constructor(options: InFlightLimitOptions) {
    this.#options = options
  }

  get max(): number {
    return this.#max
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Half of all places are for those who go first. */
  hasRoom(isFirst: boolean): boolean {
    if (this.#inFlight >= LEAST || this.#max < MOST) this.#look()
    return this.#inFlight < (isFirst ? this.#max : this.#max / 2)
  }

  begin(): void {
    this.#inFlight++
  }

  end(count: number): void {
    this.#inFlight -= count
  }

  #look(): void {
    if (this.#isAsking) return
    const { now, ask } = this.#options
    const fromMs = now()
    if (fromMs - this.#askedMs < PAUSE_MS) return
    this.#askedMs = fromMs
    this.#isAsking = true
    const done = () => {
      this.#isAsking = false
    }
    ask()
      .then(() => this.#learn(now() - fromMs))
      .then(done, done) // a database that is away has no queue to be measured: each request says so itself
  }

  #learn(waitedMs: number): void {
    this.#longInARow = waitedMs > LONG_MS ? this.#longInARow + 1 : 0
    if (this.#longInARow === 1) return // perhaps only the process stood still for a moment
    if (this.#longInARow > 1) {
      this.#max = Math.max(LEAST, Math.round(Math.min(this.#max, this.#inFlight) * FEWER))
    } else if (this.#max < MOST) {
      this.#max = Math.min(MOST, Math.ceil(this.#max * MORE))
    }
  }
}
