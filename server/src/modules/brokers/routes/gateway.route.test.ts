import { describe, expect, it } from 'vitest'
import {
  changeMember,
  createPersonalToken,
  createSignedInMember,
  type SignedInMember,
  type TokenTraits,
} from '../../../testing/factories.ts'
import {
  createTradingAccount,
  credentialEntries,
  forEachVaultApp,
  live,
  newPair,
  storeCredential,
} from '../../../testing/factories-vault.ts'
import { MINUTE } from '../../../testing/fixed-clock.ts'
import type { SendOptions, TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const NOT_THERE = '01890a5d-ac96-774b-bcce-b302099a8057'
const ORDER = { symbol: 'AAPL', qty: '1', side: 'buy', type: 'market', time_in_force: 'day' }

const gateway = (app: TestApp, id: string, { method = 'GET', path = '/v2/account', ...rest }: Asking) =>
  app.send(method, `/gateway/${id}${path}`, rest)

interface Asking extends SendOptions {
  readonly method?: string
  readonly path?: string
}

forEachVaultApp('ANY /gateway/{credential_id}/*', {}, (on) => {
  const ask = (id: string, asking: Asking) => gateway(on.app, id, asking)
  const tokenFor = async (member: SignedInMember, traits: Partial<TokenTraits> = {}) =>
    (await createPersonalToken(on.app, member, { scopes: ['broker:read'], ...traits })).token
  const withCredential = async (
    traits: Partial<TokenTraits> = {},
    body: Readonly<Record<string, unknown>> = {},
  ) => {
    const member = await createSignedInMember(on.app)
    const { id } = await storeCredential(on.app, member, body)
    return { member, id, token: await tokenFor(member, traits) }
  }
  const callsOf = () => on.broker.log.entries().length
  const usesOf = (id: string) => credentialEntries(on.app, id, 'credential.used')
  const anyUses = () => countStored(on.app, 'audit_events', `action = 'credential.used'`)

  /** Runs something and gives how many calls reached the broker and how often any key was opened meanwhile. */
  const untouched = async (run: () => Promise<void>) => {
    const before = [callsOf(), await anyUses()]
    await run()
    expect([callsOf(), await anyUses()]).toEqual(before)
  }

  describe('refuses', () => {
    it('whoever has no token for it, before any key is opened', async () => {
      const { member, id } = await withCredential()
      const other = await createPersonalToken(on.app, member, { scopes: ['account:read', 'social:write'] })
      const suspended = await withCredential()
      await changeMember(on.app, suspended.member.id, { status: 'suspended' })
      await untouched(async () => {
        expect((await ask(id, {})).status).toBe(401)
        expect((await ask(id, { token: 'nonsense' })).status).toBe(401)
        expect((await ask(id, { headers: { 'apca-api-key-id': 'PKFAKE123' } })).status).toBe(401)
        const session = await ask(id, { token: member.accessToken })
        expect([session.status, session.body.code]).toEqual([403, 'http.token_needed'])
        const asKey = await ask(id, { headers: { 'apca-api-key-id': member.accessToken } })
        expect([asKey.status, asKey.body.code]).toEqual([403, 'http.token_needed'])
        const unscoped = await ask(id, { token: other.token })
        expect([unscoped.status, unscoped.body.code]).toEqual([403, 'http.insufficient_scope'])
        expect((await ask(suspended.id, { token: suspended.token })).status).toBe(403)
      })
    })

    it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
      'a %s with broker:read, before any key is opened',
      async (method) => {
        const { id, member, token } = await withCredential()
        await untouched(async () => {
          const answer = await ask(id, { method, path: '/v2/orders', token, body: ORDER })
          expect([answer.status, answer.body.code]).toEqual([403, 'http.insufficient_scope'])
          expect(answer.headers.get('www-authenticate')).toContain('scope="broker:trade"')
        })
        expect(await usesOf(id)).toEqual([])
        const refused = `action = 'access.refused' and actor_id = '${member.id}'`
        const [entry] = await storedRows(on.app, 'audit_events', refused)
        expect(JSON.stringify(entry?.details)).toContain(`${method} /api/v1/gateway/{credential_id}/*`)
      },
    )

    it('what is not yours, not there, deleted and malformed with the same 404', async () => {
      const { token, member } = await withCredential()
      const other = await withCredential()
      const gone = await storeCredential(on.app, member)
      await on.app.send('DELETE', `/credentials/${gone.id}`, { token: member.accessToken })
      await untouched(async () => {
        const ids = [NOT_THERE, other.id, gone.id, 'mine', other.id.toUpperCase(), '0', `${other.id}0`]
        const answers = await Promise.all(ids.map((id) => ask(id, { token })))
        const texts = answers.map(
          ({ status, text, body }) => `${status} ${text.replace(String(body.instance), '')}`,
        )
        expect(new Set(texts).size).toBe(1)
        expect(texts[0]).toMatch(/^404 .*vault.credential_not_found/)
      })
      expect(await credentialEntries(on.app, other.id)).toHaveLength(1) // that it was stored
    })

    it('a credential that is switched off', async () => {
      const { id, token, member } = await withCredential()
      await on.app.send('PUT', `/credentials/${id}`, {
        token: member.accessToken,
        body: { is_active: false },
      })
      await untouched(async () => {
        const answer = await ask(id, { token })
        expect([answer.status, answer.body.code]).toEqual([400, 'vault.credential_inactive'])
      })
      await expect.poll(() => credentialEntries(on.app, id, 'credential.refused')).toHaveLength(1)
    })

    it('orders with a live credential until its owner has enabled them', async () => {
      const { id, member, token } = await withCredential({ scopes: ['broker:trade'] }, live())
      const order = () => ask(id, { method: 'POST', path: '/v2/orders', token, body: ORDER })
      await untouched(async () => {
        const answer = await order()
        expect([answer.status, answer.body.code]).toEqual([403, 'vault.trading_not_enabled'])
      })
      expect((await ask(id, { token })).status).toBe(200)
      expect(
        (
          await fetch(`${on.app.url}/api/v1/gateway/${id}/v2/account`, {
            method: 'HEAD',
            headers: { authorization: `Bearer ${token}` },
          })
        ).status,
      ).not.toBe(403)
      const enabled = await on.app.send('PUT', `/credentials/${id}`, {
        token: member.accessToken,
        body: { is_trading_enabled: true },
      })
      expect(enabled.status, enabled.text).toBe(200)
      const placed = await order()
      expect([placed.status, placed.body.symbol]).toEqual([200, 'AAPL'])
      const last = on.broker.log.entries().at(-1)
      expect(last).toMatchObject({ environment: 'live', method: 'POST', path: '/v2/orders', outcome: 200 })
    })

    it('targets that a broker could read otherwise', async () => {
      const { id, token } = await withCredential()
      await untouched(async () => {
        for (const path of [
          '/v2%2faccount',
          '//other.example/v2',
          '/v2/[x]',
          '/v2/%0a',
          `/${'a'.repeat(2_048)}`,
        ]) {
          expect([path, (await ask(id, { token, path })).status]).toEqual([path, 400])
        }
      })
    })

    it('more than 1 MiB', async () => {
      const { id, token } = await withCredential({ scopes: ['broker:trade'] })
      const body = 'x'.repeat(1_024 * 1_024)
      const answer = await ask(id, { method: 'POST', path: '/v2/orders', token, body })
      expect([answer.status, answer.body.code]).toEqual([413, 'http.body_too_large'])
      expect(await usesOf(id)).toEqual([])
    })
  })

  describe('of a token that is bound', () => {
    it('to a credential of another member makes none', async () => {
      const other = await withCredential()
      const member = await createSignedInMember(on.app)
      for (const credential_id of [other.id, NOT_THERE]) {
        const body = { name: 'x', scopes: ['broker:read'], credential_id }
        const answer = await on.app.send('POST', '/auth/tokens', { token: member.accessToken, body })
        expect([answer.status, answer.body.code]).toEqual([404, 'vault.credential_not_found'])
      }
      expect(await countStored(on.app, 'personal_access_tokens', `user_id = '${member.id}'`)).toBe(0)
    })

    it('to one credential opens it and no other, at the gateway and for the data', async () => {
      const { member, id: first } = await withCredential()
      const { id: second } = await storeCredential(on.app, member)
      const token = await tokenFor(member, { credential_id: first })
      expect((await ask(first, { token })).status).toBe(200)
      expect((await on.app.send('GET', `/positions?credential_id=${first}`, { token })).status).toBe(200)
      await untouched(async () => {
        const refused = [
          await ask(second, { token }),
          await ask(NOT_THERE, { token }),
          await on.app.send('GET', `/positions?credential_id=${second}`, { token }),
          await on.app.send('GET', `/orders?credential_id=${second}`, { token }),
          await on.app.send('GET', `/credentials/${second}/account-data`, { token }),
          await on.app.send('GET', `/credentials/${second}/history`, { token }),
        ]
        expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
          Array(refused.length).fill([403, 'http.insufficient_scope']),
        )
      })
      const where = `action = 'access.refused' and actor_id = '${member.id}'`
      expect(await countStored(on.app, 'audit_events', where)).toBe(6)
    })

    it('to paths opens those, and the data not at all', async () => {
      const { id, member } = await withCredential()
      const token = await tokenFor(member, { path_patterns: ['/v2/account', '/v2/orders/*'] })
      expect((await ask(id, { token, path: '/v2/account?x=/v2/clock' })).status).toBe(200)
      expect((await ask(id, { token, path: '/v2/orders/unknown' })).status).toBeGreaterThanOrEqual(400)
      await untouched(async () => {
        for (const path of [
          '/v2/clock',
          '/v2/orders',
          '/v2/accoun%74',
          '/v2/account/',
          '/V2/account',
          '/v2/orders/a/b',
          '/v2//account',
        ]) {
          expect([path, (await ask(id, { token, path })).status]).toEqual([path, 403])
        }
        expect((await on.app.send('GET', `/positions?credential_id=${id}`, { token })).status).toBe(403)
      })
    })

    it('to other addresses is refused like one that is nobody’s', async () => {
      const { id, member } = await withCredential()
      const token = await tokenFor(member, { address_ranges: ['192.0.2.0/24'] })
      await untouched(async () => expect((await ask(id, { token })).status).toBe(401))
    })

    it('to a rate has no more', async () => {
      const { id, member } = await withCredential()
      const token = await tokenFor(member, { rate_per_minute: 2 })
      const statuses = []
      for (let i = 0; i < 3; i++) statuses.push((await ask(id, { token })).status)
      expect(statuses).toEqual([200, 200, 429])
      expect(await usesOf(id)).toHaveLength(2)
    })

    it('to an end ends there', async () => {
      const { id, member } = await withCredential()
      const expires_at = new Date(on.app.clock.now().getTime() + MINUTE).toISOString()
      const token = await tokenFor(member, { expires_at })
      expect((await ask(id, { token })).status).toBe(200)
      on.app.clock.advance(MINUTE)
      expect((await ask(id, { token })).status).toBe(401)
    })
  })

  it('answers what the broker answers, with the token where the key went, and writes it down', async () => {
    const { id, member, token } = await withCredential()
    const secret = 'fake-secret-of-the-caller'
    const headers = { 'apca-api-key-id': token, 'apca-api-secret-key': secret, cookie: 'a=b' }
    const answer = await ask(id, { path: '/v2/account?fields=all', headers })
    expect(answer.status).toBe(200)
    expect(answer.body).toHaveProperty('buying_power')
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(answer.headers.get('x-ratelimit-limit')).toBe('200')
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('set-cookie')).toBeNull()
    const call = on.broker.log.entries().at(-1)
    expect(call).toMatchObject({
      method: 'GET',
      path: '/v2/account',
      query: ['fields'],
      hasKeyId: true,
      hasSecret: true,
      keySeenIn: [],
    })
    const sent = ['cookie', 'authorization', 'x-forwarded-for', 'forwarded', 'via']
    expect(sent.filter((name) => call?.headers.includes(name))).toEqual([])
    const [used, ...more] = await usesOf(id)
    expect([used, more]).toEqual([
      expect.objectContaining({ actor_id: member.id, request_id: answer.headers.get('x-request-id') }),
      [],
    ])
    expect(String(JSON.stringify(used?.details))).toMatch(/gateway.*GET|GET.*gateway/)
    expect(JSON.stringify(used?.details)).not.toContain('fields')
    await expect.poll(() => credentialEntries(on.app, id, 'credential.use_ended')).toHaveLength(1)
    const written = [...on.app.logged, answer.text, JSON.stringify([...answer.headers])].join('\n')
    for (const text of [secret, token, '/v2/account', id]) expect(written).not.toContain(text)
  })

  it('passes on what the broker refuses, as the broker says it', async () => {
    const { id, token } = await withCredential({ scopes: ['broker:trade'] })
    const { key_hint: _, ...missing } = (await ask(id, { token, path: `/v2/orders/${NOT_THERE}` })).body
    expect(missing).toHaveProperty('message')
    for (const [kind, status] of [
      ['buying_power', 403],
      ['unprocessable', 422],
      ['rate_limited', 429],
      ['not_found', 404],
      ['server_error', 500],
    ] as const) {
      on.broker.controls.fault({ kind, route: '/v2/orders', times: 1 })
      const answer = await ask(id, { method: 'POST', path: '/v2/orders', token, body: ORDER })
      expect([kind, answer.status, typeof answer.body.message]).toEqual([kind, status, 'string'])
      expect(answer.headers.get('content-type')).not.toContain('problem')
    }
  })

  describe('an order whose answer is lost', () => {
    const place = (id: string, token: string, client_order_id?: string) =>
      ask(id, { method: 'POST', path: '/v2/orders', token, body: { ...ORDER, client_order_id } })
    const lose = (how: { takesEffect: boolean; method?: string }) =>
      on.broker.controls.fault({ kind: 'reset', method: 'POST', times: 1, ...how })
    const methodsSince = (before: number) =>
      on.broker.log
        .entries()
        .slice(before)
        .map(({ method }) => method)

    it('R20: is sent once, looked up by the id that its sender gave it, and answered as the broker shows it', async () => {
      const { id, token } = await withCredential({ scopes: ['broker:trade'], path_patterns: ['/v2/orders'] })
      const before = callsOf()
      lose({ takesEffect: true })
      const mine = `order of ${id} & co`
      const found = await place(id, token, mine)
      expect(found.body).toMatchObject({ client_order_id: mine, symbol: 'AAPL', status: 'filled' })
      expect([found.status, found.headers.get('x-broker-answer')]).toEqual([200, 'looked-up'])
      expect(methodsSince(before)).toEqual(['POST', 'GET'])
      const again = await place(id, token, mine)
      expect([again.status, again.headers.get('x-broker-answer')]).toEqual([422, null])
      const purposes = (await usesOf(id)).map(
        ({ details }) => /"purpose": ?"(\w+)"/.exec(JSON.stringify(details).replaceAll('\\', ''))?.[1],
      )
      expect(purposes).toEqual(['gateway', 'order', 'gateway'])
    })

    it('R20: is said to be absent when the broker does not have it, and can be sent again', async () => {
      const { id, token } = await withCredential({ scopes: ['broker:trade'] })
      lose({ takesEffect: false })
      const mine = `order-of-${id}`
      const absent = await place(id, token, mine)
      expect([absent.status, absent.body.code]).toEqual([503, 'brokers.order_absent'])
      expect((await place(id, token, mine)).status).toBe(200)
    })

    it('is never taken for an older one of another size under the same id', async () => {
      const { id, token } = await withCredential({ scopes: ['broker:trade'] })
      const mine = `order-of-${id}`
      expect((await place(id, token, mine)).status).toBe(200)
      lose({ takesEffect: true })
      const other = { ...ORDER, qty: '2', client_order_id: mine }
      const lost = await ask(id, { method: 'POST', path: '/v2/orders', token, body: other })
      expect([lost.status, lost.body.code]).toEqual([503, 'brokers.outcome_unknown'])
    })

    it('is said to be uncertain, and nothing is asked, when its sender gave it no id', async () => {
      const { id, token } = await withCredential({ scopes: ['broker:trade'] })
      const before = callsOf()
      lose({ takesEffect: true })
      const lost = await place(id, token)
      expect([lost.status, lost.body.code]).toEqual([503, 'brokers.outcome_unknown'])
      expect(lost.headers.get('retry-after')).toBe(null)
      expect(methodsSince(before)).toEqual(['POST'])
    })

    it('is said to be uncertain when the broker cannot be asked for it either', async () => {
      const { id, token } = await withCredential({ scopes: ['broker:trade'] })
      const before = callsOf()
      lose({ takesEffect: true })
      on.broker.controls.fault({ kind: 'reset', takesEffect: false, method: 'GET', times: 3 })
      const lost = await place(id, token, `order-of-${id}`)
      expect([lost.status, lost.body.code]).toEqual([503, 'brokers.outcome_unknown'])
      expect(methodsSince(before)).toEqual(['POST', 'GET', 'GET', 'GET'])
    })

    it('is told from any other change, which is uncertain, and from a read, which can be asked again', async () => {
      const { id, token } = await withCredential({ scopes: ['broker:read', 'broker:trade'] })
      lose({ takesEffect: false, method: 'DELETE' })
      const cancelled = await ask(id, { method: 'DELETE', path: '/v2/orders', token })
      expect([cancelled.status, cancelled.body.code]).toEqual([503, 'brokers.outcome_unknown'])
      lose({ takesEffect: false, method: 'GET' })
      const read = await ask(id, { token })
      expect([read.status, read.body.code]).toEqual([503, 'brokers.broker_unreachable'])
    })
  })

  it('asks with the pair of that credential, of 20 members at once', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => withCredential()))
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const person = people[at % people.length]
        if (!person) throw new Error('Nobody is there.')
        const answer = await ask(person.id, { token: person.token })
        return [at % people.length, answer.body.id] as const
      }),
    )
    const accounts = people.map(
      (_, person) => new Set(ids.filter(([at]) => at === person).map(([, id]) => id)),
    )
    expect(accounts.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1])
    expect(new Set(ids.map(([, id]) => id)).size).toBe(5)
  })
})

forEachVaultApp('ANY /gateway/{credential_id}/* with limits', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('uses a key 60 times a minute for one account, whichever the token', async () => {
    const member = await createSignedInMember(on.app)
    const account_id = await createTradingAccount(on.app, member)
    const { id } = await storeCredential(on.app, member, { account_id, ...newPair() })
    const tokens = await Promise.all(
      [1, 2].map(async () => (await createPersonalToken(on.app, member, { scopes: ['broker:read'] })).token),
    )
    const statuses = await Promise.all(
      Array.from({ length: 64 }, async (_, at) => {
        const token = tokens[at % 2]
        return (await gateway(on.app, id, { ...(token ? { token } : {}) })).status
      }),
    )
    expect(statuses.filter((status) => status === 429)).toHaveLength(4)
    expect(await credentialEntries(on.app, id, 'credential.used')).toHaveLength(60)
  })

  it('leaves the owner all requests and uses of a session while tokens flood', async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await storeCredential(on.app, member)
    const [one, two] = await Promise.all(
      [1, 2].map(() => createPersonalToken(on.app, member, { scopes: ['account:read', 'broker:read'] })),
    )
    if (!one || !two) throw new Error('There are no tokens.')
    const flood = (token: string, path: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, async () => (await on.app.send('GET', path, { token })).status),
      )
    const broker = `/gateway/${id}/v2/account`
    expect((await flood(one.token, broker, 64)).filter((status) => status === 429)).toHaveLength(4)
    const flooded = await Promise.all([flood(one.token, '/auth/me', 120), flood(two.token, '/auth/me', 120)])
    expect(flooded.flat().filter((status) => status === 429)).toHaveLength(4)
    expect([await flood(one.token, '/auth/me', 1), await flood(two.token, broker, 1)]).toEqual([[429], [429]])

    const session = (method: string, path: string, body?: unknown) =>
      on.app.send(method, path, { token: member.accessToken, ...(body === undefined ? {} : { body }) })
    expect((await session('POST', `/credentials/${id}/validate`)).status).toBe(200)
    const off = await session('PUT', `/credentials/${id}`, { is_active: false })
    expect([off.status, off.body.is_active]).toEqual([200, false])
    expect((await session('DELETE', `/auth/tokens/${one.id}`)).status).toBe(200)
    expect(await flood(one.token, '/auth/me', 1)).toEqual([401])
    expect((await session('POST', '/auth/logout', {})).status).toBe(200)
    expect(await flood(two.token, '/auth/me', 1)).toEqual([429])
  })
})
