import { setTimeout as pause } from 'node:timers/promises'
import { type RewrapOptions, type Rewrapped, rewrapValues } from './rewrap-values.ts'

export interface MoveOptions extends RewrapOptions {
  /** When every running server has noticed the key, as `performance.now()` tells it. */
  readonly noticedAt: number
}

/**
 * Moves every value to the current key, and goes on until a pass finds nothing that began when every running server had
 * noticed the key. Throws when the signal fires.
 */
export async function moveValues({ noticedAt, onBatch, ...options }: MoveOptions): Promise<Rewrapped> {
  const { signal } = options
  let total = 0
  for (;;) {
    const isLast = performance.now() >= noticedAt
    const before = total
    const { moved, refused } = await rewrapValues({
      ...options,
      onBatch: (count) => onBatch?.(before + count),
    })
    total += moved
    if (moved === 0 && isLast) return { moved: total, refused }
    if (moved === 0) await pause(Math.max(0, noticedAt - performance.now()), undefined, { signal })
  }
}
