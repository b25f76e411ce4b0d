/** Too much of the same work is waiting already. Answer 503 with `Retry-After`. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`The server is busy; try again in ${retryAfterSeconds} seconds.`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** How much work a gate lets in. */
export interface WorkGateOptions {
  /** How many pieces of work run at once. */
  maxConcurrent: number
  /** How many more may wait, first come first served. */
  maxQueued: number
  /** What a refused caller is told. */
  retryAfterSeconds: number
}

/** Lets one piece of work run or wait; given back when it is disposed of. */
export type WorkPlace = Disposable

/** Runs work in the place that it has, or in a new one. */
export interface WorkGate {
  <Result>(work: () => Promise<Result>, place?: WorkPlace): Promise<Result>
  /** Takes a place for work that is still to be prepared. Throws `BusyError` at once when none is left. */
  reserve(): WorkPlace
}

/** Bounds expensive work, so that a flood of it costs a known amount of memory and never a long queue. */
export function createWorkGate({ maxConcurrent, maxQueued, retryAfterSeconds }: WorkGateOptions): WorkGate {
  const waiting: (() => void)[] = []
  let running = 0
  let placed = 0

  const reserve = (): WorkPlace => {
    if (placed >= maxConcurrent + maxQueued) throw new BusyError(retryAfterSeconds)
    placed += 1
    let isHeld = true
    return {
      [Symbol.dispose]() {
        if (isHeld) placed -= 1
        isHeld = false
      },
    }
  }
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running < maxConcurrent) running += 1
    else await new Promise<void>((enter) => waiting.push(enter))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next() // hands its turn over, so that nobody slips in between
    }
  }
  const run = async <Result>(work: () => Promise<Result>, place?: WorkPlace): Promise<Result> => {
    if (place) return inTurn(work)
    using _own = reserve()
    return await inTurn(work)
  }
  return Object.assign(run, { reserve })
}
