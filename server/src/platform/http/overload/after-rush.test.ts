import { expect, it } from 'vitest'
import { afterRush } from './after-rush.ts'

/** Time that passes by hand, and how often what follows a rush was run. */
function start() {
  const state = { nowMs: 0, runs: 0 }
  let timer: { dueMs: number; run: () => void } | undefined
  const note = afterRush(
    {
      now: () => state.nowMs,
      after(ms, run) {
        timer = { dueMs: state.nowMs + ms, run }
      },
    },
    () => void state.runs++,
  )
  const pass = (ms: number) => {
    state.nowMs += ms
    if (timer === undefined || timer.dueMs > state.nowMs) return
    const { run } = timer
    timer = undefined
    run()
  }
  const rush = (ms: number) => {
    for (let passed = 0; passed <= ms; passed += 100) {
      note()
      pass(100)
    }
  }
  return { state, rush, pass, isIdle: () => timer === undefined }
}

it('follows a rush once, when nobody has had to wait for 20 s', () => {
  const { state, rush, pass, isIdle } = start()
  rush(30_000)
  pass(15_000)
  rush(0)
  pass(10_000)
  expect(state.runs).toBe(0)
  pass(10_000)
  expect(state.runs).toBe(1)
  pass(100_000)
  expect([state.runs, isIdle()]).toEqual([1, true])
  rush(5_000)
  pass(20_000)
  pass(20_000)
  expect(state.runs).toBe(2)
})

it('follows nothing that was over within five seconds', () => {
  const { rush, isIdle } = start()
  rush(4_900)
  expect(isIdle()).toBe(true)
})
