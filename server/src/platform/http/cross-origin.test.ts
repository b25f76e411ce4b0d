import { describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const own = 'https://community.example.test'
const partner = 'https://partner.example.test'

async function withSession(server: TestServer): Promise<TestServer> {
  server.actors.set('cookie-token', { id: 'a', role: 'user', status: 'active' })
  return server
}

const start = () =>
  startTestServer({ sessionCookie: '__Host-session', allowedOrigins: [partner] }).then(withSession)

const cookie = { cookie: 'x=1; __Host-session=cookie-token' }

describe('requests from browsers', () => {
  it('C38: takes a write with a cookie from its own pages', async () => {
    const { post } = await start()
    expect(
      (await post('/api/v1/mine', {}, { ...cookie, origin: own, 'sec-fetch-site': 'same-origin' })).status,
    ).toBe(200)
    expect((await post('/api/v1/mine', {}, { ...cookie, origin: own })).status).toBe(200)
  })

  it.each<[string, Record<string, string>, number]>([
    ['without an Origin', {}, 403],
    ['from another site', { origin: 'https://evil.test' }, 403],
    ['from a null origin', { origin: 'null' }, 403],
    ['from a sibling host', { origin: 'https://x.community.example.test' }, 403],
    ['from its own host over another scheme', { origin: 'http://community.example.test' }, 403],
    ['marked cross-site', { origin: own, 'sec-fetch-site': 'cross-site' }, 403],
    ['marked same-site', { origin: own, 'sec-fetch-site': 'same-site' }, 403],
    ['as text', { origin: own, 'content-type': 'text/plain' }, 415],
    ['as JSON with a parameter', { origin: own, 'content-type': 'application/json; charset=utf-8' }, 415],
  ])('C38: refuses a write with a cookie %s', async (_name, headers, status) => {
    const { post } = await start()
    expect((await post('/api/v1/mine', {}, { ...cookie, ...headers })).status).toBe(status)
  })

  it('C38: reads with a cookie need no Origin', async () => {
    const { get } = await start()
    expect((await get('/api/v1/mine', cookie)).status).toBe(200)
    expect(
      (await get('/api/v1/mine', { cookie: '__Host-session=a; __Host-session=cookie-token' })).status,
    ).toBe(401)
  })

  it('C38: refuses a foreign page on routes without a credential too, such as sign-in', async () => {
    const { post, seen } = await start()
    const body = { name: 'a' }
    expect((await post('/api/v1/things', body, { origin: 'https://evil.test' })).status).toBe(403)
    expect((await post('/api/v1/things', body, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(seen).toEqual([])
    expect((await post('/api/v1/things', body, { origin: own })).status).toBe(201)
    expect((await post('/api/v1/things', body)).status).toBe(201)
  })

  it('takes writes of pages served from loopback by the same host and port', async () => {
    const { post, address } = await start()
    expect((await post('/api/v1/things', { name: 'a' }, { origin: address })).status).toBe(201)
    expect((await post('/api/v1/things', { name: 'a' }, { origin: 'http://127.0.0.1:1' })).status).toBe(403)
  })

  it('C39: allows reading to exactly the listed origins', async () => {
    const { get } = await start()
    const listed = await get('/api/v1/things', { origin: partner })
    expect(listed.headers.get('access-control-allow-origin')).toBe(partner)
    expect(listed.headers.get('access-control-allow-credentials')).toBeNull()
    expect(listed.headers.get('vary')).toBe('Origin')
    for (const origin of ['https://evil.test', 'null', `${partner}.evil.test`, '*']) {
      const other = await get('/api/v1/things', { origin })
      expect(other.headers.get('access-control-allow-origin')).toBeNull()
      expect(other.headers.get('vary')).toBe('Origin')
    }
  })

  it('C39: takes a write of a listed origin with a bearer token, and with nothing else', async () => {
    const { post, seen } = await start()
    const bearer = { authorization: 'Bearer cookie-token' }
    const taken = await post('/api/v1/mine', {}, { ...bearer, origin: partner })
    expect([taken.status, taken.headers.get('access-control-allow-origin')]).toEqual([200, partner])
    const both = await post('/api/v1/mine', {}, { ...bearer, ...cookie, origin: partner })
    expect([both.status, both.headers.get('access-control-allow-credentials')]).toEqual([200, null])
    for (const headers of [
      cookie,
      { ...cookie, 'sec-fetch-site': 'same-origin' },
      { ...cookie, 'sec-fetch-site': 'same-site' },
      {},
    ]) {
      const refused = await post('/api/v1/mine', {}, { ...headers, origin: partner })
      expect([refused.status, refused.headers.getSetCookie()]).toEqual([403, []])
    }
    expect((await post('/api/v1/things', { name: 'a' }, { origin: partner })).status).toBe(403)
    expect(seen).toEqual([])
    for (const origin of ['https://evil.test', 'null', `${partner}.evil.test`])
      expect((await post('/api/v1/mine', {}, { ...bearer, origin })).status).toBe(403)
  })

  it('C39: lets a listed origin read refusals too, and nothing beside the API', async () => {
    const { get } = await start()
    const refused = await get('/api/v1/mine', { origin: partner })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, partner])
    for (const path of ['/', '/health/live', '/metrics']) {
      const { headers } = await get(path, { origin: partner })
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it('C39: answers the preflight of a listed origin only', async () => {
    const { address } = await start()
    const preflight = (origin: string) =>
      fetch(`${address}/api/v1/things`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const listed = await preflight(partner)
    expect(listed.status).toBe(204)
    expect(listed.headers.get('access-control-allow-methods')).toContain('POST')
    expect(listed.headers.get('access-control-allow-headers')).toContain('authorization')
    expect(listed.headers.get('access-control-allow-credentials')).toBeNull()
    expect((await preflight('https://evil.test')).headers.get('access-control-allow-methods')).toBeNull()
  })

  it('C39: allows nobody by default', async () => {
    const { get } = await startTestServer()
    const response = await get('/api/v1/things', { origin: partner })
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })
})
