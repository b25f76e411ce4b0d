import { setTimeout as wait } from 'node:timers/promises'
import { isSqliteBusy } from './sqlite-errors.ts'

const BUSY_RETRY_MS = 5 // an attempt takes microseconds

/**
 * Runs at once; again every few milliseconds while another process holds the write lock, until it is `until` on the clock
 * of `performance.now()`. A promise only when it had to wait.
 */
export function whenFree<T>(run: () => T, until: number): T | Promise<T> {
  try {
    return run()
  } catch (error) {
    if (!isSqliteBusy(error)) throw error
    return again(run, until)
  }
}

async function again<T>(run: () => T, until: number): Promise<T> {
  for (;;) {
    await wait(BUSY_RETRY_MS)
    try {
      return run()
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() >= until) throw error
    }
  }
}
