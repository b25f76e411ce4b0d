import { DatabaseUnavailableError } from '../errors.ts'

interface Waiter {
  readonly take: () => void
  timer?: NodeJS.Timeout
}

/** What somebody is told whose time to wait for the lock is over. */
export const outOfTime = () => new DatabaseUnavailableError('The database is busy; try again in a moment.')

function countdown(ms: number): () => number {
  const until = performance.now() + ms
  return () => until - performance.now()
}

/** Lets one holder in at a time, in the order of asking; who waits longer than `waitMs` is refused. */
export class FairLock {
  readonly #waitMs: number
  readonly #waiters: Waiter[] = []
  #isHeld = false

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /**
   * Resolves once the lock is held; the caller must `release` it. Who waits for several says by `timeLeft` for how many
   * milliseconds yet, is asked again when they are over, and keeps its place until they are none.
   */
  acquire(timeLeft?: () => number): Promise<void> | undefined {
    if (!this.#isHeld) {
      this.#isHeld = true
      return undefined
    }
    return this.#wait(timeLeft ?? countdown(this.#waitMs))
  }

  #wait(timeLeft: () => number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { take: resolve }
      const look = () => {
        const ms = timeLeft()
        if (ms > 0) {
          waiter.timer = setTimeout(look, Math.ceil(ms))
          return
        }
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        reject(outOfTime())
      }
      this.#waiters.push(waiter)
      look()
    })
  }

  release(): void {
    const next = this.#waiters.shift()
    if (next) {
      clearTimeout(next.timer)
      next.take()
    } else this.#isHeld = false
  }
}
