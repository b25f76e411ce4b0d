import { setTimeout as sleep } from 'node:timers/promises'
import { SECOND } from '../../../platform/durations.ts'

/** What reading does with time and chance, so that tests decide on both. */
export interface Timing {
  /** 0 up to, but without, 1. */
  random(): number
  /** Resolves after so many milliseconds; rejects when the signal is aborted first. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** A signal that is aborted after so many milliseconds. */
  deadline(ms: number): AbortSignal
  /** How long a read may take, its repetitions included, in milliseconds. */
  readonly budgetMs: number
}

/** The machine's own. The budget leaves half a second of the promised ten for everything around it. */
export const systemTiming: Timing = {
  random: Math.random,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
  deadline: (ms) => AbortSignal.timeout(ms),
  budgetMs: 9.5 * SECOND,
}
