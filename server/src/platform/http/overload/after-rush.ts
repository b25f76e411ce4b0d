import { SECOND } from '../../durations.ts'
import { PAUSE_MS, type QueueTime, RUSH_MS } from './admission-queue.ts'
import { Spell } from './spell.ts'

const QUIET_MS = 20 * SECOND

/**
 * Gives what is to be told of each moment in which somebody has to wait. When that went on for five seconds, `run` follows once
 * nobody has had to wait for 20 s.
 */
export function afterRush({ now, after }: Pick<QueueTime, 'now' | 'after'>, run: () => void): () => void {
  const waits = new Spell({ lastsMs: RUSH_MS, pauseMs: PAUSE_MS })
  let isDue = false
  const look = () => {
    const quietMs = now() - waits.lastMs
    if (quietMs < QUIET_MS) return after(QUIET_MS - quietMs, look)
    isDue = false
    return run()
  }
  return () => {
    if (!waits.note(now()) || isDue) return
    isDue = true
    after(QUIET_MS, look)
  }
}
