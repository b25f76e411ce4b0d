import { describe, expect, it } from 'vitest'
import { sendRaw, statusOf } from './testing/raw-request.ts'
import { startTestServer } from './testing/test-server.ts'

async function statusFor(
  address: string,
  requestLine: string,
  headers = 'Host: localhost\r\n',
): Promise<number> {
  return statusOf(await sendRaw(address, `${requestLine} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`))
}

describe('the request guard', () => {
  it('C22: answers 421 for a host that is not ours, and serves ours and loopback', async () => {
    const { address } = await startTestServer({ extraHosts: ['api.example.test:8443'] })
    const served = [
      'community.example.test',
      'COMMUNITY.example.test',
      'api.example.test:8443',
      'localhost',
      'localhost:4000',
      '127.0.0.1:4000',
      '[::1]:4000',
    ]
    for (const host of served) {
      expect(await statusFor(address, 'GET /api/v1/things', `Host: ${host}\r\n`), host).toBe(200)
    }
    const refused = [
      'evil.test',
      'community.example.test.evil.test',
      'localhost.evil.test',
      '127.0.0.1.evil.test',
      'community.example.test:81',
      '10.0.0.1',
    ]
    for (const host of refused) {
      expect(await statusFor(address, 'GET /api/v1/things', `Host: ${host}\r\n`), host).toBe(421)
    }
  })

  it('C22: answers 400 without a Host header and with two', async () => {
    const { address } = await startTestServer()
    expect(await statusFor(address, 'GET /api/v1/things', '')).toBe(400)
    expect(await statusFor(address, 'GET /api/v1/things', 'Host: localhost\r\nhost: localhost\r\n')).toBe(400)
  })

  it('C22: lets probes in by any host', async () => {
    const { address } = await startTestServer()
    expect(await statusFor(address, 'GET /health/live', 'Host: 10.1.2.3:4000\r\n')).toBe(200)
  })

  it.each([
    '/api/v1/../v1/things',
    '/api/v1/./things',
    '/api/v1/things/..',
    '/api/v1/%2e%2e/things',
    '/api/v1/%2E/things',
    '/api%2fv1/things',
    '/api%5Cv1/things',
    '/api\\v1\\things',
    '/api/v1/things/%00',
    '/api/v1/things/%zz',
    '/api/v1/things/%ff',
    'http://evil.test/api/v1/things',
  ])('C43: answers 400 to the target %s', async (target) => {
    const { address } = await startTestServer()
    expect(await statusFor(address, `GET ${target}`)).toBe(400)
  })

  it.each([
    ['/api/v1/things/..', 'dot segments'],
    ['/api/v1/%2e%2E/things', 'dot segments'],
    ['/api/v1/things%2ejson', 'encoded dots'],
    ['/api%2Fv1/things', 'encoded slashes'],
    ['/api%5cv1/things', 'backslashes'],
    ['/api/v1\\things', 'backslashes'],
    ['/api/v1/things/%00', 'an encoded NUL'],
  ])('C43: says of the target %s that its path has %s', async (target, what) => {
    const { address } = await startTestServer()
    const answer = await sendRaw(
      address,
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    )
    expect(statusOf(answer)).toBe(400)
    expect(answer).toContain(`The request is not valid HTTP; its path has ${what}.`)
  })

  it('C43: leaves dots and slashes in a query alone', async () => {
    const { address } = await startTestServer()
    expect(await statusFor(address, 'GET /api/v1/things?x=../%2f..%5c')).toBe(200)
  })

  it.each(['TRACE', 'PROPFIND', 'QUERY', 'CONNECT', 'BREW', 'LINK'])(
    'C43: answers 405 to %s',
    async (method) => {
      const { address } = await startTestServer()
      const target = method === 'CONNECT' ? 'localhost:80' : '/api/v1/things'
      const answer = await sendRaw(
        address,
        `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      )
      expect(statusOf(answer)).toBe(405)
      expect(answer).toMatch(/\r\nallow: /i)
      expect(answer).toContain('application/problem+json')
    },
  )

  it('C43: answers 405 with Allow for a known path and 404 for an unknown one', async () => {
    const { address } = await startTestServer()
    const wrong = await fetch(`${address}/api/v1/things`, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS'])
    const options = await fetch(`${address}/api/v1/things`, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
    const unknown = await fetch(`${address}/api/v1/nothing`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    })
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ code: 'http.not_found' })
  })

  it('C43: answers the asterisk to OPTIONS alone', async () => {
    const { address } = await startTestServer()
    expect(await statusFor(address, 'OPTIONS *')).toBe(204)
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']) {
      expect(await statusFor(address, `${method} *`), method).toBe(400)
    }
  })

  it('C43: refuses Content-Length together with Transfer-Encoding and closes', async () => {
    const { address, seen } = await startTestServer()
    const head = 'POST /api/v1/things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    const smuggled = 'GET /api/v1/things HTTP/1.1\r\nHost: localhost\r\n\r\n'
    for (const framing of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
      'Content-Length: 4\r\nContent-Length: 5\r\n',
      'Transfer-Encoding: xchunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
    ]) {
      const answer = await sendRaw(address, `${head}${framing}\r\n0\r\n\r\n${smuggled}`)
      expect(statusOf(answer), framing).toBe(400)
      expect(answer.match(/HTTP\/1\.1 \d/g), framing).toHaveLength(1)
    }
    expect(seen).toEqual([])
  })

  it('C41: refuses a query over 2 KiB', async () => {
    const { get } = await startTestServer()
    expect((await get(`/api/v1/things?x=${'a'.repeat(2_046)}`)).status).toBe(200)
    expect((await get(`/api/v1/things?x=${'a'.repeat(2_047)}`)).status).toBe(422)
  })

  it.each(['?a=%zz', '?a=%ff'])('C42: answers 400 to the query %s', async (query) => {
    const { get } = await startTestServer()
    expect((await get(`/api/v1/things${query}`)).status).toBe(400)
  })

  it.each(['?a=%00', '?__proto__=x', '?constructor=x'])('C42: answers 422 to the query %s', async (query) => {
    const { get } = await startTestServer()
    expect((await get(`/api/v1/things${query}`)).status).toBe(422)
  })
})
