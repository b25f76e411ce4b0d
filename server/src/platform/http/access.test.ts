import { describe, expect, it } from 'vitest'
import { type Access, assertAccess } from './access.ts'
import type { Actor } from './actor.ts'

const now = new Date('2030-01-01T00:10:00Z')
const context = { now, roles: ['user', 'moderator', 'admin'] }
const actor = (change: Partial<Actor> = {}): Actor => ({ id: 'a', role: 'user', status: 'active', ...change })
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

function statusFor(access: Access, who: Actor | undefined): number {
  try {
    assertAccess(who, access, context)
    return 200
  } catch (error) {
    return (error as { status: number }).status
  }
}

describe('assertAccess', () => {
  it.each<[Access, Actor | undefined, number]>([
    ['anyone', undefined, 200],
    ['optional', undefined, 200],
    ['optional', actor(), 200],
    ['optional', actor({ status: 'banned' }), 403],
    ['signed-in', undefined, 401],
    ['signed-in', actor(), 200],
    ['signed-in', actor({ status: 'pending_verification' }), 403],
    ['signed-in-or-pending', actor({ status: 'pending_verification' }), 200],
    ['signed-in-or-pending', actor({ status: 'suspended' }), 403],
    ['fresh', actor(), 401],
    ['fresh', actor({ authenticatedAt: minutesAgo(5) }), 200],
    ['fresh', actor({ authenticatedAt: minutesAgo(5.01) }), 401],
    ['fresh', actor({ authenticatedAt: minutesAgo(-1) }), 401],
    [{ role: 'moderator' }, actor(), 403],
    [{ role: 'moderator' }, actor({ role: 'admin' }), 200],
    [{ role: 'moderator' }, actor({ role: 'unheard-of' }), 403],
    [{ role: 'unheard-of' }, actor({ role: 'admin' }), 403],
    [{ role: 'admin', fresh: true }, actor({ role: 'admin' }), 401],
    [{ role: 'admin', fresh: true }, actor({ role: 'admin', authenticatedAt: minutesAgo(1) }), 200],
  ])('access %o answers %o with %i', (access, who, status) => {
    expect(statusFor(access, who)).toBe(status)
  })

  it('names the status of an account that is not active', () => {
    expect(() => assertAccess(actor({ status: 'suspended' }), 'signed-in', context)).toThrow('suspended')
  })
})
