import { tokenScopes } from '@outcry/contract/personal-tokens'
import { describe, expect, it } from 'vitest'
import { createOpaqueToken } from '../../../platform/crypto/opaque-token.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../platform/durations.ts'
import type { Access } from '../../../platform/http/access.ts'
import type { BoundRoute } from '../../../platform/http/route.ts'
import {
  changeMember,
  createMember,
  createPersonalToken,
  createSignedInMember,
  type SignedInMember,
} from '../../../testing/factories.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

/** How a route without a scope answers a token, which holds no office and is never fresh. */
function refusalAt(access: Access): [number, string] {
  if (typeof access === 'object') return [403, 'http.forbidden']
  return access === 'fresh'
    ? [401, 'http.insufficient_user_authentication']
    : [403, 'http.insufficient_scope']
}

forEachApp('a personal access token', {}, (on) => {
  const me = (token: string) => on.app.send('GET', '/auth/me', { token })
  const callWith = (token: string, { route: { endpoint } }: BoundRoute) =>
    on.app.send(endpoint.method, endpoint.path.replace(/\{\w+\}/g, ID), { token })
  const make = (member: SignedInMember, ...scopes: string[]) =>
    createPersonalToken(on.app, member, { scopes })
  const rowOf = async (id: string) => (await storedRows(on.app, 'personal_access_tokens', `id = '${id}'`))[0]

  it('acts for its owner, with the account as it is', async () => {
    const member = await createSignedInMember(on.app)
    const { token } = await make(member, 'account:read', 'users:read')
    expect((await me(token)).body).toMatchObject({ id: member.id, email: member.email, role: 'user' })
    await on.app.app.accounts.admin.setRole(member.username, 'moderator')
    expect((await me(token)).body.role).toBe('moderator')
    expect((await on.app.send('GET', `/users/${member.id}`, { token })).status).toBe(200)
  })

  it('is told apart from all others that come in the same turn', async () => {
    const members = await Promise.all(Array.from({ length: 4 }, () => createSignedInMember(on.app)))
    const made = await Promise.all(members.map((member) => make(member, 'account:read')))
    const unknown = `outcry_pat_${createOpaqueToken()}`
    const sent = Array.from({ length: 30 }, (_, n) => made[n % 5]?.token ?? unknown)
    const answers = await Promise.all(sent.map(me))
    expect(answers.map(({ status, body }) => [status, body.id])).toEqual(
      sent.map((_, n) => (n % 5 === 4 ? [401, undefined] : [200, members[n % 5]?.id])),
    )
  })

  it('shows what every member sees, whatever the office of its owner', async () => {
    const { app } = on
    const moderator = await createSignedInMember(app, { role: 'moderator' })
    const suspended = await createMember(app, { status: 'suspended' })
    const { token } = await make(moderator, 'users:read')
    const status = async (credential: string) =>
      (await app.send('GET', `/users/${suspended.id}`, { token: credential })).status
    expect([await status(moderator.accessToken), await status(token)]).toEqual([200, 404])
    const { body } = await app.send('GET', '/users?status=suspended', { token })
    expect(JSON.stringify(body)).not.toContain(suspended.id)
  })

  it.each([
    ['that nobody has', () => `outcry_pat_${createOpaqueToken()}`],
    ['cut short', (token: string) => token.slice(0, -1)],
    ['with something behind it', (token: string) => `${token}A`],
    [
      'with another last character',
      (token: string) => token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A'),
    ],
    ['without its prefix', (token: string) => token.slice('outcry_pat_'.length)],
    ['with its prefix in capitals', (token: string) => token.replace('outcry_pat_', 'OUTCRY_PAT_')],
    ['that is the prefix alone', () => 'outcry_pat_'],
  ])('is refused with 401 when it is one %s', async (_what, change) => {
    const { token } = await make(await createSignedInMember(on.app), 'account:read')
    const { status, headers, body } = await me(change(token))
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(body.type).toBe('urn:outcry:problem:http.unauthenticated')
  })

  it('opens, with every scope, only routes that state one', async () => {
    const admin = await createSignedInMember(on.app, { role: 'super_admin' })
    const { token } = await make(admin, ...tokenScopes)
    const { routes } = on.app.app.accounts
    expect(routes.length).toBeGreaterThan(10)
    const closed = routes.filter(({ route }) => route.access !== 'anyone' && route.scope === undefined)
    expect(closed.length).toBeGreaterThan(2)
    for (const bound of closed) {
      const { status, body } = await callWith(token, bound)
      expect([bound.name, status, body.code]).toEqual([bound.name, ...refusalAt(bound.route.access)])
    }
  })

  it.each(tokenScopes)('made for %s alone opens the routes of that scope and no others', async (scope) => {
    const admin = await createSignedInMember(on.app, { role: 'super_admin' })
    const { token } = await make(admin, scope)
    for (const bound of on.app.app.accounts.routes) {
      const { scope: needed } = bound.route
      if (needed === undefined) continue
      const { status, body, headers } = await callWith(token, bound)
      if (needed === scope) {
        expect([bound.name, body.type]).not.toEqual([
          bound.name,
          'urn:outcry:problem:http.insufficient_scope',
        ])
        expect([bound.name, status]).not.toEqual([bound.name, 401])
      } else {
        const challenge = `Bearer error="insufficient_scope", scope="${needed}"`
        expect([bound.name, status, headers.get('www-authenticate')]).toEqual([bound.name, 403, challenge])
      }
    }
  })

  it('finds only scopes that the contract knows on the routes', () => {
    const stated = on.app.app.accounts.routes.flatMap(({ route: { scope } }) => (scope ? [scope] : []))
    expect(stated.filter((scope) => !tokenScopes.some((known) => known === scope))).toEqual([])
  })

  it.each(['suspended', 'banned', 'inactive'] as const)(
    'is refused while its owner is %s',
    async (status) => {
      const member = await createSignedInMember(on.app)
      const { token } = await make(member, 'account:read')
      await changeMember(on.app, member.id, { status })
      const refused = await me(token)
      expect(refused.status).toBe(403)
      expect(refused.body.detail).toContain(status)
      await changeMember(on.app, member.id, { status: 'active' })
      expect((await me(token)).status).toBe(200)
    },
  )

  it('ends with every other access when the operator sets a password', async () => {
    const member = await createSignedInMember(on.app)
    const { token } = await make(member, 'account:read')
    await on.app.app.accounts.admin.setPassword(member.username, 'another long pass phrase, 8')
    expect((await me(token)).status).toBe(401)
  })

  it('ends at the moment it was made to, without a leeway', async () => {
    const member = await createSignedInMember(on.app)
    const expires_at = new Date(on.app.clock.now().getTime() + HOUR).toISOString()
    const { token } = await createPersonalToken(on.app, member, { scopes: ['account:read'], expires_at })
    on.app.clock.advance(HOUR - 1)
    expect((await me(token)).status).toBe(200)
    on.app.clock.advance(1)
    expect((await me(token)).status).toBe(401)
  })

  it('outlives the session it was made in', async () => {
    const member = await createSignedInMember(on.app)
    const { token } = await make(member, 'account:read')
    on.app.clock.advance(80 * DAY)
    expect((await me(member.accessToken)).status).toBe(401)
    expect((await me(token)).status).toBe(200)
    on.app.clock.advance(10 * DAY)
    expect((await me(token)).status).toBe(401)
  })

  it('shows its last use to the minute, written once for 20 uses at once', async () => {
    const member = await createSignedInMember(on.app)
    const { id, token } = await make(member, 'account:read')
    const lastUse = async () => {
      const value = (await rowOf(id))?.last_used_at
      return value === null ? null : new Date(value as string).toISOString()
    }
    expect(await lastUse()).toBeNull()
    const first = on.app.clock.now().toISOString()
    await Promise.all(Array.from({ length: 20 }, () => me(token)))
    await expect.poll(lastUse).toBe(first)
    on.app.clock.advance(59 * SECOND)
    await me(token)
    on.app.clock.advance(2 * SECOND)
    const second = on.app.clock.now().toISOString()
    expect(await lastUse()).toBe(first)
    await me(token)
    await expect.poll(lastUse).toBe(second)
    expect((await rowOf(id))?.updated_at).toEqual((await rowOf(id))?.created_at)
  })

  it('leaves its refused uses in the audit log, once an hour', async () => {
    const member = await createSignedInMember(on.app)
    const ended = await make(member, 'account:read')
    const expires_at = new Date(on.app.clock.now().getTime() + MINUTE).toISOString()
    const expired = await createPersonalToken(on.app, member, { scopes: ['account:read'], expires_at })
    await on.app.send('DELETE', `/auth/tokens/${ended.id}`, { token: member.accessToken })
    on.app.clock.advance(MINUTE)
    for (const { token } of [ended, expired, ended, expired]) expect((await me(token)).status).toBe(401)
    const where = `action = 'personal_token.used' and actor_id = '${member.id}'`
    const entries = await storedRows(on.app, 'audit_events', where)
    expect(entries.map(({ object_id }) => object_id)).toEqual([ended.id, expired.id])
    expect(JSON.stringify(entries.map(({ details }) => details))).toMatch(/revoked.*expired/)
    expect(entries[0]).toMatchObject({ result: 'refused', address: '127.0.0.1' })
    on.app.clock.advance(HOUR)
    await Promise.all(Array.from({ length: 16 }, () => me(ended.token)))
    expect(await countStored(on.app, 'audit_events', where)).toBe(3)
  })

  it("is refused like one that is nobody's from an address that it is not bound to", async () => {
    const member = await createSignedInMember(on.app)
    const scopes = ['account:read']
    const elsewhere = await createPersonalToken(on.app, member, { scopes, address_ranges: ['192.0.2.0/24'] })
    const here = await createPersonalToken(on.app, member, { scopes, address_ranges: ['::1', '127.0.0.0/8'] })
    const [unknown, refused] = [await me(`outcry_pat_${createOpaqueToken()}`), await me(elsewhere.token)]
    const withoutId = ({ text, body }: typeof refused) => text.replace(String(body.instance), '')
    expect([refused.status, withoutId(refused)]).toEqual([401, withoutId(unknown)])
    expect((await me(here.token)).status).toBe(200)
    await Promise.all(Array.from({ length: 16 }, () => me(elsewhere.token)))
    const entries = await storedRows(on.app, 'audit_events', `object_id = '${elsewhere.id}'`)
    const told = entries.filter(({ action }) => action === 'personal_token.used')
    expect(told).toEqual([expect.objectContaining({ result: 'refused', address: '127.0.0.1' })])
    expect(JSON.stringify(told[0]?.details)).toContain('address')
    expect((await rowOf(elsewhere.id))?.last_used_at).toBeNull()
  })

  it('may be used as often in a minute as it is made for, of 20 uses at once', async () => {
    const member = await createSignedInMember(on.app)
    const scopes = ['account:read']
    const limited = await createPersonalToken(on.app, member, { scopes, rate_per_minute: 3 })
    const other = await make(member, ...scopes)
    const answers = await Promise.all(Array.from({ length: 20 }, () => me(limited.token)))
    const statuses = answers.map(({ status }) => status).toSorted()
    expect(statuses).toEqual([...Array(3).fill(200), ...Array(17).fill(429)])
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.body.code).toBe('accounts.token_rate_limited')
    const headers = ['retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']
    expect(headers.map((name) => refused?.headers.get(name))).toEqual(['60', '3', '0', '60'])
    expect((await me(other.token)).status).toBe(200)
    on.app.clock.advance(MINUTE)
    expect((await me(limited.token)).status).toBe(200)
  })

  it('made to trade may do what reading may', async () => {
    const member = await createSignedInMember(on.app)
    const actor = async (scope: string) => {
      const { token } = await make(member, scope)
      const context = { requestId: 'r', clientAddress: '127.0.0.1', mustBeCurrent: false }
      return on.app.app.accounts.authenticate({ kind: 'bearer', token }, context)
    }
    expect((await actor('broker:trade'))?.scopes).toEqual(['broker:trade', 'broker:read'])
    expect((await actor('broker:read'))?.scopes).toEqual(['broker:read'])
  })

  it('is forgotten a month after it expired', async () => {
    const member = await createSignedInMember(on.app)
    const expires_at = new Date(on.app.clock.now().getTime() + HOUR).toISOString()
    const { id } = await createPersonalToken(on.app, member, { scopes: ['account:read'], expires_at })
    const kept = await make(member, 'account:read')
    on.app.clock.advance(30 * DAY)
    await on.app.settle()
    expect(await rowOf(id)).toBeDefined()
    on.app.clock.advance(2 * DAY)
    await on.app.settle()
    expect(await rowOf(id)).toBeUndefined()
    expect(await rowOf(kept.id)).toBeDefined()
  })
})

describe.each(['sqlite', 'postgres'] as const)('on two nodes on %s, a personal access token', (dialect) => {
  it('that ends on one is refused by the next request on both', async () => {
    await using first = await startTestApp({ dialect })
    await using second = await startTestApp({ dialect, beside: first })
    const member = await createSignedInMember(first)
    const { id, token } = await createPersonalToken(first, member, { scopes: ['account:read'] })
    const statuses = async () =>
      Promise.all([first, second].map(async (app) => (await app.send('GET', '/auth/me', { token })).status))
    expect(await statuses()).toEqual([200, 200])
    expect(await statuses()).toEqual([200, 200])
    await second.send('DELETE', `/auth/tokens/${id}`, { token: member.accessToken })
    expect(await statuses()).toEqual([401, 401])
  })

  it('of a member who is suspended on one is refused by the next request on both', async () => {
    await using first = await startTestApp({ dialect })
    await using second = await startTestApp({ dialect, beside: first })
    const member = await createSignedInMember(first)
    const { token } = await createPersonalToken(first, member, { scopes: ['account:read'] })
    const statuses = async () =>
      Promise.all([first, second].map(async (app) => (await app.send('GET', '/auth/me', { token })).status))
    expect(await statuses()).toEqual([200, 200])
    await changeMember(second, member.id, { status: 'suspended' })
    expect(await statuses()).toEqual([403, 403])
  })
})
