import { describe, expect, it } from 'vitest'
import { type Access, assertAccess, assertScope } from './access.ts'
import type { Actor } from './actor.ts'
import { startTestServer } from './testing/test-server.ts'

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
    ['fresh-where-due', undefined, 401],
    ['fresh-where-due', actor(), 200],
    ['fresh-where-due', actor({ status: 'pending_verification' }), 403],
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

describe('assertScope', () => {
  const token = (...scopes: string[]) => actor({ scopes })

  it.each<[string, Actor | undefined, string | undefined]>([
    ['nobody', undefined, 'mine:read'],
    ['a session where a scope is stated', actor(), 'mine:read'],
    ['a session where none is', actor(), undefined],
    ['a token with the scope', token('mine:read'), 'mine:read'],
    ['a token with the scope among others', token('a', 'mine:read', 'b'), 'mine:read'],
  ])('lets in %s', (_what, who, scope) => {
    expect(() => assertScope(who, scope)).not.toThrow()
  })

  it.each<[string, Actor, string | undefined]>([
    ['without any scope', token(), 'mine:read'],
    ['with a part of the scope', token('mine', 'mine:', 'mine:rea'), 'mine:read'],
    ['with the scope in other letters', token('Mine:Read'), 'mine:read'],
    ['with every scope, where none is stated', token('mine:read', 'undefined', ''), undefined],
  ])('refuses a token %s', (_what, who, scope) => {
    const named = scope === undefined ? '' : `, scope="${scope}"`
    expect(() => assertScope(who, scope)).toThrow(
      expect.objectContaining({
        status: 403,
        code: 'http.insufficient_scope',
        headers: { 'www-authenticate': `Bearer error="insufficient_scope"${named}` },
      }),
    )
  })
})

describe('a personal access token', () => {
  it('gets in only where its scope is stated, and is nobody where no credential is looked at', async () => {
    const { get, actors } = await startTestServer()
    actors.set('pat', { id: 'a', role: 'admin', status: 'active', scopes: ['mine:read'] })
    const statusOf = async (path: string) =>
      (await get(`/api/v1${path}`, { authorization: 'Bearer pat' })).status
    expect(await statusOf('/mine')).toBe(200)
    expect(await statusOf('/things')).toBe(200)
    for (const path of ['/pending', '/maybe', '/staff'])
      expect([path, await statusOf(path)]).toEqual([path, 403])
    expect(await statusOf('/fresh')).toBe(401)
  })
})
