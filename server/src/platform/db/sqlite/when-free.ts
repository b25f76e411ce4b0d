import { setTimeout as wait } from 'node:timers/promises'
import { isSqliteBusy } from './sqlite-errors.ts'

/** The longest pause between two attempts, each of which takes microseconds; most locks are let go of within a commit. */
const LONGEST_PAUSE_MS = 5

/**
 * Runs at once; again after one millisecond, and then more and more seldom, while another process holds the write lock, until it is `until` on the clock
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
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs + 1, LONGEST_PAUSE_MS)) {
    await wait(pauseMs)
    try {
      return run()
    } catch (error) {
      if (!isSqliteBusy(error) || performance.now() >= until) throw error
    }
  }
}
