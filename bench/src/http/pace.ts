import { setTimeout as wait } from 'node:timers/promises'

/**
 * An even pace from now on: each call waits for the moment of the one that it names, counted from 0, and gives how many
 * milliseconds late it is.
 */
export function pace(perSecond: number): (at: number) => Promise<number> {
  const fromMs = performance.now()
  return async (at) => {
    const dueMs = fromMs + (at * 1_000) / perSecond
    const earlyMs = dueMs - performance.now()
    if (earlyMs > 0) await wait(earlyMs)
    return Math.max(0, performance.now() - dueMs - 1) // timers are a millisecond coarse
  }
}
