import { setTimeout as wait } from 'node:timers/promises'
import { isSqliteBusy } from './sqlite-errors.ts'

const BUSY_RETRY_MS = 10
const BUSY_TRIES = 200

/**
 * Runs at once; again every few milliseconds, without blocking the event loop, while another process holds the write lock.
 * A promise only when it had to wait.
 */
export function whenFree<T>(run: () => T): T | Promise<T> {
  try {
    return run()
  } catch (error) {
    if (!isSqliteBusy(error)) throw error
    return again(run)
  }
}

async function again<T>(run: () => T): Promise<T> {
  for (let attempt = 2; ; attempt++) {
    await wait(BUSY_RETRY_MS)
    try {
      return run()
    } catch (error) {
      if (!isSqliteBusy(error) || attempt === BUSY_TRIES) throw error
    }
  }
}
