import { vi } from 'vitest'

const now = performance.now.bind(performance)
let aheadMs = 0

/** Moves the machine's clock that never goes back, until the test is over, so that nobody has to wait. */
export function passMonotonically(ms: number): void {
  aheadMs += ms
  vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs)
}
