import type { Clock } from '../../../platform/clock.ts'

export interface SeldomOptions {
  readonly clock: Clock
  readonly everyMs: number
  /** How many keys are remembered; the longest known makes room. */
  readonly maxKeys: number
}

/** Says for each key whether it is time, at most once in `everyMs`. In the memory of this process only. */
export function createSeldom({ clock, everyMs, maxKeys }: SeldomOptions): (key: string) => boolean {
  const lastMs = new Map<string, number>()
  return (key) => {
    const now = clock.now().getTime()
    const last = lastMs.get(key)
    if (last !== undefined && Math.abs(now - last) < everyMs) return false
    lastMs.delete(key)
    lastMs.set(key, now)
    const oldest = lastMs.size > maxKeys ? lastMs.keys().next().value : undefined
    if (oldest !== undefined) lastMs.delete(oldest)
    return true
  }
}
