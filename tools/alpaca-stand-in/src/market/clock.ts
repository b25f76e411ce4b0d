/** The stand-in's own time. It stands still until it is moved, or runs at the speed of the machine's. */
export type Clock = {
  nowMs(): number
  /** Puts the clock to a moment, forwards or backwards. */
  set(to: Date): void
  advance(ms: number): void
  /** Lets time run, or stops it where it is. */
  run(isRunning: boolean): void
  readonly isRunning: boolean
  /** Called after every `set` and `advance`. */
  onMove(listener: () => void): void
}

/** Accounts of the stand-in were opened and traded in 2025; before this moment they would be half told. */
const EARLIEST = new Date('2026-01-01T00:00:00Z')

/** Monday, half past ten in New York: the market is open. */
export const DEFAULT_NOW = new Date('2026-06-15T14:30:00Z')

export function createClock(options: { startsAt: Date; isRunning: boolean }): Clock {
  let isRunning = options.isRunning
  let baseMs = checked(options.startsAt)
  let sinceMs = Date.now()
  const listeners: (() => void)[] = []
  const nowMs = () => baseMs + (isRunning ? Date.now() - sinceMs : 0)
  const moveTo = (ms: number) => {
    baseMs = checked(new Date(ms))
    sinceMs = Date.now()
    for (const listener of listeners) listener()
  }
  return {
    nowMs,
    set: (to) => moveTo(to.getTime()),
    advance: (ms) => moveTo(nowMs() + ms),
    run(willRun) {
      baseMs = nowMs()
      sinceMs = Date.now()
      isRunning = willRun
    },
    get isRunning() {
      return isRunning
    },
    onMove: (listener) => void listeners.push(listener),
  }
}

function checked(to: Date): number {
  const ms = to.getTime()
  if (!(ms >= EARLIEST.getTime())) throw new RangeError(`The clock starts at ${EARLIEST.toISOString()}.`)
  return ms
}
