import { succeeded, success } from '@outcry/contract/conventions'
import { describe, expect, it } from 'vitest'
import { MemoryRateLimitStore, type RateLimitStore } from './rate-limit.ts'
import { bindRoutes, defineRoute, type Limit } from './route.ts'
import { startTestServer } from './testing/test-server.ts'

const active = { id: 'account-1', role: 'user', status: 'active' }

/** One route with limits of its own. */
function limited(limit: Limit) {
  const endpoint = {
    method: 'GET',
    path: '/limited',
    summary: 'Read',
    responses: { 200: success },
    errors: [],
  } as const
  const handle = () => succeeded('Done.')
  return bindRoutes({}, { limited: defineRoute(endpoint, { access: 'anyone', limit, handle }) })
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('sign-in', () => {
  it.each<[string, Record<string, string>]>([
    ['no credential', {}],
    ['an unknown token', bearer('unknown')],
    ['another scheme', { authorization: 'Basic abc' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a token with a space', { authorization: 'Bearer a b' }],
    ['a token over 4 KiB', bearer('a'.repeat(5_000))],
  ])('answers %s with 401 and one body for every reason', async (_name, headers) => {
    const { get } = await startTestServer()
    const response = await get('/api/v1/mine', headers)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({
      code: 'http.unauthenticated',
      detail: 'You are not signed in, or your sign-in has ended; sign in and try again.',
    })
  })

  it('takes the scheme in any case', async () => {
    const { get, actors } = await startTestServer()
    actors.set('t', active)
    expect((await get('/api/v1/mine', { authorization: 'bearer t' })).status).toBe(200)
  })

  it('waits for an authenticator that answers later, and denies when it throws', async () => {
    const later = await startTestServer({ authenticate: async () => active })
    expect((await later.get('/api/v1/mine', bearer('t'))).status).toBe(200)
    const broken = await startTestServer({
      authenticate: () => {
        throw new Error('broken')
      },
    })
    expect((await broken.get('/api/v1/mine', bearer('t'))).status).toBe(500)
    expect((await broken.get('/api/v1/mine')).status).toBe(401)
  })

  it('names the status of an account that is not active with 403', async () => {
    const { get, actors } = await startTestServer()
    actors
      .set('p', { ...active, status: 'pending_verification' })
      .set('s', { ...active, status: 'suspended' })
    const refused = await get('/api/v1/mine', bearer('s'))
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('suspended') })
    expect((await get('/api/v1/mine', bearer('p'))).status).toBe(403)
    expect((await get('/api/v1/pending', bearer('p'))).status).toBe(200)
    expect((await get('/api/v1/pending', bearer('s'))).status).toBe(403)
  })

  it('asks for a fresh proof with max_age', async () => {
    const { get, actors } = await startTestServer()
    actors.set('old', { ...active, authenticatedAt: new Date(Date.now() - 301_000) })
    actors.set('new', { ...active, authenticatedAt: new Date() })
    const refused = await get('/api/v1/fresh', bearer('old'))
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toMatch(
      /^Bearer error="insufficient_user_authentication".*max_age=300$/,
    )
    expect(await refused.json()).toMatchObject({ code: 'http.insufficient_user_authentication' })
    expect((await get('/api/v1/fresh', bearer('new'))).status).toBe(200)
  })

  it('asks for the role', async () => {
    const { get, actors } = await startTestServer()
    actors.set('user', active).set('admin', { ...active, role: 'admin' })
    expect((await get('/api/v1/staff', bearer('user'))).status).toBe(403)
    expect((await get('/api/v1/staff', bearer('admin'))).status).toBe(200)
  })

  it('knows the actor on an optional route, and refuses a bad token there', async () => {
    const { get, actors } = await startTestServer()
    actors.set('t', active)
    expect(await (await get('/api/v1/maybe')).json()).toMatchObject({ message: 'nobody' })
    expect(await (await get('/api/v1/maybe', bearer('t'))).json()).toMatchObject({ message: 'account-1' })
    expect((await get('/api/v1/maybe', bearer('wrong'))).status).toBe(401)
  })
})

describe('rate limits', () => {
  it('C10: answers 429 with Retry-After over the limit of a route, before the body is read', async () => {
    const { post } = await startTestServer({ rateLimits: {} })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (let i = 0; i < 10; i++) {
      const response = await post('/api/v1/sign-in', 'username=a', form)
      expect(response.status).toBe(200)
      expect(response.headers.get('ratelimit-limit')).toBe('10')
      expect(response.headers.get('ratelimit-remaining')).toBe(`${9 - i}`)
    }
    const refused = await post('/api/v1/sign-in', 'a=%zz', form)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect(await refused.json()).toMatchObject({ code: 'http.rate_limited' })
  })

  it('C10: tells of the limit that is used up, not of another one that has as little left', async () => {
    const { get } = await startTestServer({
      rateLimits: { anonymousTotal: { max: 2, windowMs: 60_000 } },
      routes: limited({ per: 'address', name: 'read', max: 3, windowMs: 3_600_000 }),
    })
    const answers = [await get('/api/v1/limited'), await get('/api/v1/limited'), await get('/api/v1/limited')]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    const told = ['limit', 'remaining', 'reset'].map((name) => answers[2]?.headers.get(`ratelimit-${name}`))
    expect(told).toEqual(['2', '0', answers[2]?.headers.get('retry-after')])
  })

  it('C12: lets exactly the limit of 200 parallel requests pass', async () => {
    const { get, actors } = await startTestServer({
      rateLimits: { accountTotal: { max: 50, windowMs: 60_000 } },
    })
    actors.set('t', active)
    const responses = await Promise.all(Array.from({ length: 200 }, () => get('/api/v1/mine', bearer('t'))))
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(50)
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(150)
  })

  it('C10: counts each account and each address by itself', async () => {
    const { get, actors } = await startTestServer({
      trustedProxies: ['127.0.0.1'],
      rateLimits: {
        anonymousTotal: { max: 2, windowMs: 60_000 },
        accountTotal: { max: 2, windowMs: 60_000 },
      },
    })
    const from = (address: string) =>
      get('/api/v1/things', { 'x-forwarded-for': address }).then(({ status }) => status)
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3')]).toEqual([
      200, 200, 429,
    ])
    expect(await from('2001:db8:0:1::1')).toBe(200)
    expect(await from('198.51.100.1')).toBe(200)
    actors.set('one', active).set('two', { ...active, id: 'account-2' })
    const as = (token: string) => get('/api/v1/mine', bearer(token)).then(({ status }) => status)
    expect([await as('one'), await as('one'), await as('one'), await as('two')]).toEqual([200, 200, 429, 200])
  })

  it('C10: counts bad tokens and unknown paths as anonymous', async () => {
    const { get } = await startTestServer({ rateLimits: { anonymousTotal: { max: 3, windowMs: 60_000 } } })
    const statuses = []
    for (const path of ['/api/v1/mine', '/nowhere', '/api/v1/mine', '/api/v1/mine']) {
      statuses.push((await get(path, bearer('wrong'))).status)
    }
    expect(statuses).toEqual([401, 404, 401, 429])
  })

  it('C12: counts in the shared store where a rule says so, also when it answers later', async () => {
    const memory = new MemoryRateLimitStore()
    const store: RateLimitStore = { take: async (key, rule) => memory.take(key, rule) }
    const { post } = await startTestServer({ rateLimits: { store } })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post('/api/v1/sign-in', 'username=a', form)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
  })

  it('counts by a key of the caller, such as an e-mail address', async () => {
    const { server } = await startTestServer({ rateLimits: {} })
    const rule = { name: 'reset', max: 3, windowMs: 3_600_000 }
    for (let i = 0; i < 3; i++) await server.limits.takeFor('ann', rule)
    await expect(server.limits.takeFor('ann', rule)).rejects.toMatchObject({
      status: 429,
      headers: {
        'retry-after': '3600',
        'ratelimit-limit': '3',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '3600',
      },
    })
    await expect(server.limits.takeFor('bob', rule)).resolves.toBeUndefined()
  })
})
