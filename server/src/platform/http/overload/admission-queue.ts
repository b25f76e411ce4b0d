import { Spell } from './spell.ts'

/** Time as a queue sees it; milliseconds that only go forward. */
export interface QueueTime {
  now(): number
  /** Runs it in this turn of the event loop, after everything that need not wait for anything. */
  soon(run: () => void): void
  /** Runs it once the event loop has turned, behind what has arrived meanwhile. */
  nextTurn(run: () => void): void
  after(ms: number, run: () => void): void
}

/** What becomes of those who come. */
export interface QueueOptions<Item> {
  readonly time: QueueTime
  /** Who goes before all others, asked of those only who have to wait. */
  isFirst(item: Item): boolean
  serve(item: Item): void
  refuse(item: Item, isFirst: boolean): void
  /** How long one turn of the event loop may serve; 10 ms by default. */
  readonly turnMs?: number | undefined
  /** How long somebody waits to be served before they are refused; 60 ms by default. */
  readonly waitMs?: number | undefined
  /** For how long some must have waited longer than that before anybody is refused; 5 s by default. */
  readonly rushMs?: number | undefined
}

/** Whoever asks for health in between waits for one turn, and for what has arrived with them. */
const TURN_MS = 10
/** R11 wants refusals within 100 ms: the rest is for the turn that finds them due, and for the network. */
const WAIT_MS = 60
/** A rush, or a machine that is busy with other things, that is over sooner is waited out, however late it makes anybody. */
export const RUSH_MS = 5_000
/** So long without anybody who is late, and the rush is over: what comes again after two seconds, as told, is another one. */
export const PAUSE_MS = 250
const LOOK_MS = 10
/** In each lane: as many as there may be connections; more are behind one another on the same one. */
const MOST_WAITING = 10_000

interface Waiting<Item> {
  readonly item: Item
  readonly sinceMs: number
}

/**
 * Serves at once whoever comes while there is time and nobody waits. Otherwise they wait: those who go first before all others, then
 * in the order of their coming. Once some have come too late for five seconds on end, whoever cannot be served in time is refused: no
 * earlier, because each refusal invites another request, and a server that refuses at once has no time left to serve.
 */
export class AdmissionQueue<Item> {
  readonly #options: QueueOptions<Item>
  readonly #turnMs: number
  readonly #waitMs: number
  readonly #late: Spell
  readonly #first: Waiting<Item>[] = []
  readonly #last: Waiting<Item>[] = []
  #turnEndsMs: number | undefined
  #isServing = false
  #isTimed = false

  constructor(options: QueueOptions<Item>) {
    this.#options = options
    this.#turnMs = options.turnMs ?? TURN_MS
    this.#waitMs = options.waitMs ?? WAIT_MS
    this.#late = new Spell({ lastsMs: options.rushMs ?? RUSH_MS, pauseMs: PAUSE_MS })
  }

  get waiting(): number {
    return this.#first.length + this.#last.length
  }

  offer(item: Item): void {
    if (this.waiting === 0 && this.#hasTime()) this.#options.serve(item)
    else this.#keep(item)
  }

  #keep(item: Item): void {
    const { isFirst, refuse, time } = this.#options
    const goesFirst = isFirst(item)
    const lane = goesFirst ? this.#first : this.#last
    if (lane.length >= MOST_WAITING) {
      refuse(item, goesFirst)
      return
    }
    lane.push({ item, sinceMs: time.now() })
    this.#lookAgain()
  }

  #wake(): void {
    if (this.#isServing || this.waiting === 0) return
    this.#isServing = true
    this.#options.time.soon(this.#serveNext)
  }

  /** One at a time, so that what serving them takes is counted. */
  readonly #serveNext = (): void => {
    const next = this.#hasTime() ? (this.#first.shift() ?? this.#last.shift()) : undefined
    if (next === undefined) {
      this.#isServing = false
      this.#refuseLate()
      return
    }
    this.#options.time.soon(this.#serveNext)
    this.#options.serve(next.item)
  }

  #refuseLate(): void {
    const nowMs = this.#options.time.now()
    const lateMs = nowMs - this.#waitMs
    const isLate = (each: Waiting<Item> | undefined) => each !== undefined && each.sinceMs <= lateMs
    if (!(isLate(this.#first[0]) || isLate(this.#last[0]))) return
    if (!this.#late.note(nowMs)) return
    for (const lane of [this.#first, this.#last]) {
      const count = lane.findIndex((each) => !isLate(each))
      for (const { item } of lane.splice(0, count === -1 ? lane.length : count))
        this.#options.refuse(item, lane === this.#first)
    }
  }

  /** Whether this turn may serve more. It begins with whoever asks first, and is over when the event loop has turned. */
  #hasTime(): boolean {
    const nowMs = this.#options.time.now()
    if (this.#turnEndsMs !== undefined) return nowMs < this.#turnEndsMs
    this.#turnEndsMs = nowMs + this.#turnMs
    this.#options.time.nextTurn(this.#endTurn)
    return true
  }

  readonly #endTurn = (): void => {
    this.#turnEndsMs = undefined
    this.#wake()
  }

  /** However busy it is, those who wait are looked at now and then. */
  #lookAgain(): void {
    if (this.#isTimed) return
    this.#isTimed = true
    this.#options.time.after(LOOK_MS, this.#look)
  }

  readonly #look = (): void => {
    this.#isTimed = false
    if (this.waiting === 0) return
    this.#wake()
    this.#lookAgain()
  }
}
