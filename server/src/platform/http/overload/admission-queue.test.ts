import { describe, expect, it } from 'vitest'
import { AdmissionQueue, type QueueOptions } from './admission-queue.ts'

type Options = Partial<QueueOptions<string>>

/** A queue whose time passes by hand, with what became of each who came. Whoever is named in capitals goes first. */
function startQueue(options: Options = {}) {
  const [served, refused, soon, turns]: [string[], string[], (() => void)[], (() => void)[]] = [
    [],
    [],
    [],
    [],
  ]
  const timers: { readonly dueMs: number; readonly run: () => void }[] = []
  const state = { nowMs: 0, costMs: 0 }
  const queue = new AdmissionQueue<string>({
    time: {
      now: () => state.nowMs,
      soon: (run) => void soon.push(run),
      nextTurn: (run) => void turns.push(run),
      after: (ms, run) => void timers.push({ dueMs: state.nowMs + ms, run }),
    },
    isFirst: (name) => name === name.toUpperCase(),
    serve(name) {
      served.push(name)
      state.nowMs += state.costMs
    },
    refuse: (name) => void refused.push(name),
    ...options,
  })
  const settle = () => {
    for (let run = soon.shift(); run !== undefined; run = soon.shift()) run()
  }
  const turn = () => {
    for (const run of turns.splice(0)) run()
    settle()
    const due = timers.filter(({ dueMs }) => dueMs <= state.nowMs)
    timers.splice(0, timers.length, ...timers.filter(({ dueMs }) => dueMs > state.nowMs))
    for (const { run } of due) run()
    settle()
  }
  const offer = (...names: string[]) => {
    for (const name of names) queue.offer(name)
  }
  /** Uses up the time of this turn. */
  const fillTurn = () => {
    const { costMs } = state
    state.costMs = 10
    queue.offer('filler')
    state.costMs = costMs
    served.pop()
  }
  return {
    queue,
    state,
    served,
    refused,
    offer,
    fillTurn,
    turn,
    isIdle: () => turns.length + timers.length === 0,
  }
}

describe('a queue of requests', () => {
  it('lets everybody through at once, in their order, while there is time and room', () => {
    const { offer, served, queue, turn, isIdle } = startQueue()
    offer('a', 'B', 'c')
    expect([served, queue.waiting]).toEqual([['a', 'B', 'c'], 0])
    turn()
    expect(isIdle()).toBe(true)
  })

  it('serves for no longer than 10 ms in one turn of the event loop, and the rest in the next ones', () => {
    const { offer, served, refused, state, turn } = startQueue()
    state.costMs = 4
    offer('a', 'b', 'c', 'd', 'e', 'f', 'g')
    expect(served).toEqual(['a', 'b', 'c'])
    turn()
    expect(served).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    turn()
    expect([served.at(-1), refused]).toEqual(['g', []])
  })

  it('R11: serves those who go first, then the others in their order', () => {
    const { offer, served, fillTurn, turn } = startQueue()
    fillTurn()
    offer('a', 'b', 'C', 'd', 'E')
    expect(served).toEqual([])
    turn()
    expect(served).toEqual(['C', 'E', 'a', 'b', 'd'])
  })

  it('R11: refuses after 60 ms whom it cannot serve, and not before', () => {
    const { offer, served, refused, state, fillTurn, turn } = startQueue({ rushMs: 0 })
    state.costMs = 30
    fillTurn()
    offer('a', 'B', 'c', 'd')
    turn()
    expect([served, refused]).toEqual([['B'], []])
    turn()
    expect([served, refused]).toEqual([
      ['B', 'a'],
      ['c', 'd'],
    ])
    offer('e')
    turn()
    expect([served.at(-1), refused]).toEqual(['e', ['c', 'd']])
  })

  it('refuses nobody for a stall that is over: who waited longest is served first', () => {
    const { offer, served, refused, state, turn } = startQueue()
    state.costMs = 11
    offer('a', 'b')
    state.costMs = 1
    state.nowMs = 500
    turn()
    expect([served, refused]).toEqual([['a', 'b'], []])
  })

  it('waits a rush out that is over within five seconds, and refuses nobody', () => {
    const { offer, served, refused, state, turn } = startQueue()
    state.costMs = 5
    offer(...Array.from({ length: 1_000 }, () => 'a'))
    while (served.length < 1_000) turn()
    expect([refused, state.nowMs]).toEqual([[], 5_000])
  })

  it('R11: keeps serving all the time under ten times of what it can, and the signed-in alone', () => {
    const { offer, served, refused, state, turn, queue } = startQueue({ rushMs: 2_000 })
    state.costMs = 1
    const ask = (at: number) => {
      offer(...Array.from({ length: 50 }, (_, i) => `A${at}.${i}`), ...Array.from({ length: 50 }, () => 'a'))
      turn()
    }
    for (let at = 0; at < 300; at++) ask(at)
    expect(state.nowMs).toBe(served.length) // no time went by that was not spent on serving
    expect(served.length).toBeGreaterThan(2_990)
    expect(refused.length).toBeGreaterThan(20_000)
    expect(served.slice(100)).not.toContain('a')
    expect(queue.waiting).toBeLessThan(1_000)
  })

  it('R11: takes rushes with pauses between them for what they are, and refuses nobody', () => {
    const { offer, refused, state, turn, queue } = startQueue()
    state.costMs = 1
    for (let burst = 0; burst < 20; burst++) {
      offer(...Array.from({ length: 100 }, () => 'A'))
      while (queue.waiting > 0) turn()
      state.nowMs += 1_800
      turn()
    }
    expect(refused).toEqual([])
  })

  it('refuses again at once when a pause was short, and waits out the next rush after a long one', () => {
    const { offer, refused, state, fillTurn, turn } = startQueue({ rushMs: 100 })
    const late = () => {
      const before = refused.length
      fillTurn()
      offer('a', 'b')
      state.costMs = 60
      turn()
      const isRefused = refused.length > before
      state.costMs = 0
      turn()
      return isRefused
    }
    expect([late(), late(), late(), late()]).toEqual([false, false, true, true])
    state.nowMs += 251
    turn()
    expect(late()).toBe(false)
  })

  it('is bounded, and those who go last take no place of those who go first', () => {
    const { offer, queue, refused, fillTurn } = startQueue()
    fillTurn()
    offer(...Array.from({ length: 10_001 }, () => 'a'))
    expect([queue.waiting, refused]).toEqual([10_000, ['a']])
    offer('A')
    expect([queue.waiting, refused]).toEqual([10_001, ['a']])
  })

  it('looks by itself after those who wait, and stops when nobody does', () => {
    const { offer, served, state, fillTurn, turn, isIdle } = startQueue()
    fillTurn()
    offer('a')
    turn()
    expect(served).toEqual(['a'])
    state.nowMs += 30
    turn()
    turn()
    expect(isIdle()).toBe(true)
  })
})
