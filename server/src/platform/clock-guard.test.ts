import { describe, expect, it } from 'vitest'
import { fixedClock } from '../testing/fixed-clock.ts'
import { CLOCK_BEHIND_MAX_MS, createClockGuard } from './clock-guard.ts'
import { HOUR } from './durations.ts'

function guarded() {
  const clock = fixedClock()
  const told: string[] = []
  const tell = (_facts: object, message: string) => void told.push(message)
  return { clock, told, guard: createClockGuard({ clock, log: { error: tell, info: tell } }) }
}

describe('the guard of a clock', () => {
  it('R8: trusts one that goes on, stands still, or drifts back by two minutes', () => {
    const { clock, told, guard } = guarded()
    expect(guard.isRight()).toBe(true)
    clock.advance(HOUR)
    expect(guard.isRight()).toBe(true)
    clock.advance(-CLOCK_BEHIND_MAX_MS)
    expect(guard.isRight()).toBe(true)
    expect(told).toEqual([])
  })

  it('R8: trusts none that was set back further until it has caught up, and says so once each', () => {
    const { clock, told, guard } = guarded()
    guard.isRight()
    clock.advance(-CLOCK_BEHIND_MAX_MS - 1)
    for (let n = 0; n < 3; n++) expect(guard.isRight()).toBe(false)
    expect(told).toHaveLength(1)
    clock.advance(1)
    for (let n = 0; n < 3; n++) expect(guard.isRight()).toBe(true)
    expect(told).toHaveLength(2)
  })

  it('R8: notices 1970', () => {
    const { clock, guard } = guarded()
    guard.isRight()
    clock.set('1970-01-01T00:00:00.000Z')
    expect(guard.isRight()).toBe(false)
  })

  it('R8: takes in what the database has seen, from this node or another', () => {
    const { clock, guard } = guarded()
    guard.note(0)
    expect(guard.isRight()).toBe(true)
    guard.note(HOUR)
    expect(guard.isRight()).toBe(false)
    clock.advance(HOUR - CLOCK_BEHIND_MAX_MS)
    expect(guard.isRight()).toBe(true)
  })
})
