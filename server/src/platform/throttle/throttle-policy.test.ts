import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../durations.ts'
import {
  NO_FAILURES,
  PASSWORD_POLICY,
  SECOND_FACTOR_POLICY,
  standing,
  type ThrottlePolicy,
  type ThrottleState,
  withFailure,
  withSuccess,
} from './throttle-policy.ts'

const start = new Date('2030-01-01T00:00:00.000Z')

/** Fails again and again, each time as soon as it may; says how long each wait was. */
function waits(
  policy: ThrottlePolicy,
  failures: number,
): { waits: (number | string)[]; state: ThrottleState } {
  let now = start
  let state = NO_FAILURES
  const result: (number | string)[] = []
  for (let i = 0; i < failures; i++) {
    state = withFailure(policy, state, now)
    const next = standing(policy, state, now)
    result.push(next.kind === 'waiting' ? next.until.getTime() - now.getTime() : next.kind)
    if (next.kind === 'waiting') now = next.until
  }
  return { waits: result, state }
}

describe('the password policy', () => {
  it('waits 1, 2, 4, 8 seconds from the fifth failure on, then locks for 15 minutes at the tenth', () => {
    expect(waits(PASSWORD_POLICY, 10).waits).toEqual([
      ...['open', 'open', 'open', 'open'],
      ...[SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND],
      15 * MINUTE,
    ])
  })

  it('waits at most 30 seconds outside a lock', () => {
    const slow = { consecutive: 50, recent: [], notBefore: null }
    const next = standing(PASSWORD_POLICY, withFailure(PASSWORD_POLICY, slow, start), start)
    expect(next).toEqual({ kind: 'waiting', until: new Date(start.getTime() + 30 * SECOND) })
  })

  it('disables at the hundredth consecutive failure, for good', () => {
    const { waits: all, state } = waits(PASSWORD_POLICY, 100)
    expect(all.slice(0, 99)).not.toContain('disabled')
    expect(all[99]).toBe('disabled')
    expect(standing(PASSWORD_POLICY, state, new Date('2090-01-01')).kind).toBe('disabled')
  })

  it('counts the ten failures of a lock in a window that slides', () => {
    let state = NO_FAILURES
    for (let i = 0; i < 9; i++) state = withFailure(PASSWORD_POLICY, state, start)
    const justOver = new Date(start.getTime() + 15 * MINUTE)
    const next = standing(PASSWORD_POLICY, withFailure(PASSWORD_POLICY, state, justOver), justOver)
    expect(next).toEqual({ kind: 'waiting', until: new Date(justOver.getTime() + 30 * SECOND) })
  })

  it('starts the consecutive count afresh after a success, and keeps the failures of the window', () => {
    let state = waits(PASSWORD_POLICY, 9).state
    state = withSuccess(PASSWORD_POLICY, withFailure(PASSWORD_POLICY, state, start))
    expect(state).toMatchObject({ consecutive: 0, notBefore: null })
    expect(state.recent).toHaveLength(9)
    const next = standing(PASSWORD_POLICY, withFailure(PASSWORD_POLICY, state, start), start)
    expect(next).toEqual({ kind: 'waiting', until: new Date(start.getTime() + 15 * MINUTE) })
  })
})

describe('the second-factor policy', () => {
  it('never delays, locks at ten in 15 minutes and disables at thirty', () => {
    const { waits: all } = waits(SECOND_FACTOR_POLICY, 30)
    expect(all.slice(0, 9)).toEqual(Array(9).fill('open'))
    expect(all[9]).toBe(15 * MINUTE)
    expect(all.filter((wait) => wait === 15 * MINUTE)).toHaveLength(2)
    expect(all[29]).toBe('disabled')
  })
})
