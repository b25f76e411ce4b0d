import { describe, expect, it } from 'vitest'
import { InFlightLimit } from './in-flight-limit.ts'

/** A limit with so many under way, and a database that answers when it is told to. */
function startLimit(inFlight: number) {
  const state = { nowMs: 0, asked: 0 }
  let pending: PromiseWithResolvers<void> | undefined
  const limit = new InFlightLimit({
    now: () => state.nowMs,
    ask() {
      state.asked++
      pending = Promise.withResolvers()
      return pending.promise
    },
  })
  for (let i = 0; i < inFlight; i++) limit.begin()
  /** Asks for room 100 ms later; the database answers after so long, or fails. */
  const look = async (waitMs: number, failure?: Error) => {
    state.nowMs += 100
    limit.hasRoom(true)
    const asked = pending
    pending = undefined
    state.nowMs += waitMs
    if (failure) asked?.reject(failure)
    else asked?.resolve()
    await asked?.promise.catch(() => undefined)
    await new Promise<void>((resolve) => setImmediate(resolve))
    return limit.max
  }
  return { limit, state, look }
}

describe('a limit of requests under way', () => {
  it('asks nothing while few are under way', () => {
    const { limit, state } = startLimit(19)
    expect([limit.hasRoom(true), state.asked]).toEqual([true, 0])
  })

  it('is none while the database has no queue, however many wait for something else', async () => {
    const { limit, look, state } = startLimit(5_000)
    expect(await look(50)).toBe(10_000)
    expect([limit.hasRoom(true), state.asked]).toEqual([true, 1])
  })

  it('R11: goes down by steps while the database has a queue, and up again when it is short', async () => {
    const { limit, look } = startLimit(1_000)
    expect(await look(51)).toBe(10_000)
    expect(await look(51)).toBe(700)
    expect(limit.hasRoom(true)).toBe(false)
    expect(await look(160)).toBe(490)
    limit.end(600)
    expect(await look(40)).toBe(588)
    expect(limit.hasRoom(true)).toBe(true)
    for (let i = 0; i < 20; i++) await look(1)
    expect(limit.max).toBe(10_000)
  })

  it('takes one long look for a moment in which the process stood still', async () => {
    const { look } = startLimit(1_000)
    for (let i = 0; i < 3; i++) {
      expect(await look(200)).toBe(10_000)
      expect(await look(5)).toBe(10_000)
    }
  })

  it('R11: keeps half of all places for those who go first', async () => {
    const { limit, look } = startLimit(1_000)
    await look(100)
    expect(await look(100)).toBe(700)
    limit.end(651)
    expect([limit.hasRoom(true), limit.hasRoom(false)]).toEqual([true, true])
    limit.begin()
    expect([limit.hasRoom(true), limit.hasRoom(false)]).toEqual([true, false])
  })

  it('never holds back the last 20', async () => {
    const { look } = startLimit(25)
    await look(2_000)
    expect(await look(2_000)).toBe(20)
    expect(await look(2_000)).toBe(20)
  })

  it('asks one thing at a time, and ten times a second at most', async () => {
    const { limit, state } = startLimit(100)
    state.nowMs = 1_000
    limit.hasRoom(true)
    state.nowMs = 1_500
    limit.hasRoom(true)
    expect(state.asked).toBe(1)
    const other = startLimit(100)
    await other.look(1)
    other.limit.hasRoom(true)
    expect(other.state.asked).toBe(1)
  })

  it('learns nothing from a database that is away, and asks again', async () => {
    const { look, state } = startLimit(200)
    expect(await look(2_000, new Error('gone'))).toBe(10_000)
    await look(100)
    expect(await look(100)).toBe(140)
    expect(state.asked).toBe(3)
  })
})
