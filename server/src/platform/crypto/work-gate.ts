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

/** Runs work, or throws `BusyError` at once when all places and the queue are taken. */
export type WorkGate = <Result>(work: () => Promise<Result>) => Promise<Result>

/** Bounds expensive work, so that a flood of it costs a known amount of memory and never a long queue. */
export function createWorkGate({ maxConcurrent, maxQueued, retryAfterSeconds }: WorkGateOptions): WorkGate {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running < maxConcurrent) running += 1
    else if (waiting.length < maxQueued) await new Promise<void>((enter) => waiting.push(enter))
    else throw new BusyError(retryAfterSeconds)
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next() // hands its place over, so that nobody slips in between
    }
  }
}
