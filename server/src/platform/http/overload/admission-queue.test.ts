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
  const state = { nowMs: 0, room: true, roomForFirst: false, costMs: 0 }
  const queue = new AdmissionQueue<string>({
    time: {
      now: () => state.nowMs,
      soon: (run) => void soon.push(run),
      nextTurn: (run) => void turns.push(run),
      after: (ms, run) => void timers.push({ dueMs: state.nowMs + ms, run }),
    },
    isFirst: (name) => name === name.toUpperCase(),
    hasRoom: (isFirst) => state.room || (isFirst && state.roomForFirst),
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
  return {
    queue,
    state,
    served,
    refused,
    offer,
    settle,
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

  it('R11: serves those who go first, then the others in their order, once there is room', () => {
    const { offer, served, state, queue, settle } = startQueue()
    state.room = false
    offer('a', 'b', 'C', 'd', 'E')
    state.room = true
    queue.wake()
    settle()
    expect(served).toEqual(['C', 'E', 'a', 'b', 'd'])
  })

  it('R11: lets those who go first pass where there is room for nobody else', () => {
    const { offer, served, state, queue, turn } = startQueue()
    state.room = false
    state.roomForFirst = true
    offer('a', 'B', 'c', 'D')
    expect([served, queue.waiting]).toEqual([['B', 'D'], 2])
    state.nowMs = 10
    turn()
    expect([served, queue.waiting]).toEqual([['B', 'D'], 2])
  })

  it('R11: refuses after 60 ms whom it cannot serve, and not before', () => {
    const { offer, served, refused, state, turn } = startQueue({ rushMs: 0 })
    state.room = false
    offer('a', 'B')
    state.nowMs = 30
    offer('c')
    turn()
    expect(refused).toEqual([])
    state.nowMs = 59
    turn()
    expect(refused).toEqual([])
    state.nowMs = 69
    turn()
    expect([refused, served]).toEqual([['B', 'a'], []])
    state.nowMs = 90
    turn()
    expect([refused, served]).toEqual([['B', 'a', 'c'], []])
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

  it('waits a rush out that is over within two seconds, and refuses nobody', () => {
    const { offer, served, refused, state, turn } = startQueue()
    state.costMs = 5
    offer(...Array.from({ length: 400 }, () => 'a'))
    while (served.length < 400) turn()
    expect([refused, state.nowMs]).toEqual([[], 2_000])
  })

  it('R11: keeps serving all the time under ten times of what it can, and the signed-in alone', () => {
    const { offer, served, refused, state, turn, queue } = startQueue()
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

  it('refuses again at once when a pause was short, and waits out the next rush after a long one', () => {
    const { offer, refused, state, turn } = startQueue({ rushMs: 100 })
    const late = () => {
      const before = refused.length
      state.room = false
      offer('a')
      state.nowMs += 60
      turn()
      const isRefused = refused.length > before
      state.room = true
      turn()
      state.nowMs += 10
      turn()
      return isRefused
    }
    expect([late(), late(), late(), late()]).toEqual([false, false, true, true])
    state.nowMs += 41
    expect(late()).toBe(false)
  })

  it('is bounded, and refuses at once who would be too many', () => {
    const { offer, queue, refused, state } = startQueue()
    state.room = false
    offer(...Array.from({ length: 10_001 }, () => 'a'))
    expect([queue.waiting, refused.length]).toEqual([10_000, 1])
  })

  it('looks by itself whether there is room for those who wait, and stops when nobody does', () => {
    const { offer, served, state, turn, isIdle } = startQueue()
    state.room = false
    offer('a')
    turn()
    state.room = true
    state.nowMs = 10
    turn()
    expect(served).toEqual(['a'])
    state.nowMs = 30
    turn()
    turn()
    expect(isIdle()).toBe(true)
  })
})
