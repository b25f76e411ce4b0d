import { DatabaseUnavailableError } from '../errors.ts'

interface Waiter {
  readonly take: () => void
  readonly timer: NodeJS.Timeout
}

/** Lets one holder in at a time, in the order of asking; who waits longer than `waitMs` is refused. */
export class FairLock {
  readonly #waitMs: number
  readonly #waiters: Waiter[] = []
  #isHeld = false

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** Resolves once the lock is held; the caller must `release` it. */
  acquire(): Promise<void> | undefined {
    if (!this.#isHeld) {
      this.#isHeld = true
      return undefined
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        take: resolve,
        timer: setTimeout(() => {
          this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
          reject(new DatabaseUnavailableError('The database is busy; try again in a moment.'))
        }, this.#waitMs),
      }
      this.#waiters.push(waiter)
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
