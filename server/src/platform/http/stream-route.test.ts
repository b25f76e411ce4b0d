import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { uuid } from '@outcry/contract/conventions'
import type { StreamEndpoint } from '@outcry/contract/endpoint'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import type { Actor } from './actor.ts'
import { httpErrors } from './http-errors.ts'
import type { Refusal } from './refusals.ts'
import type { HttpServerOptions } from './server.ts'
import { type AnyStreamCall, bindStreamRoute, type StreamAnswer } from './stream-route.ts'
import { sendRaw, statusOf } from './testing/raw-request.ts'
import { startTestServer, testErrors, thingId } from './testing/test-server.ts'

const endpoint = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  path: '/far/{id}/*',
  summary: 'Hand on',
  params: Type.Object({ id: uuid }),
  errors: ['things.not_there'],
} as const satisfies StreamEndpoint

const BASE = `/api/v1/far/${thingId}`
const actor = (scopes: readonly string[], traits: Partial<Actor> = {}): Actor => ({
  id: 'a',
  role: 'user',
  status: 'active',
  scopes,
  token: { id: 't', credentialId: null, pathPatterns: [], ratePerMinute: null },
  ...traits,
})

const textAnswer = (body: string, status = 200): StreamAnswer => ({
  status,
  headers: { 'content-type': 'text/plain' },
  body: Readable.from([Buffer.from(body)]),
})

/** A server with one stream, which answers as `handle` says. */
async function startStream(
  handle: (call: AnyStreamCall) => Promise<StreamAnswer>,
  replace: Partial<HttpServerOptions> = {},
) {
  const calls: AnyStreamCall[] = []
  const refusals: Refusal[] = []
  const route = bindStreamRoute(
    { name: 'handOn', endpoint, services: {} },
    {
      access: 'token',
      limit: { per: 'account', name: 'far', max: 60, windowMs: 60_000 },
      scopeFor: (method) => (method === 'GET' || method === 'HEAD' ? 'far:read' : 'far:write'),
      bodyLimit: 100_000,
      tokenHeaders: ['x-far-key'],
      notFound: () => testErrors.notThere(),
      handle(call) {
        calls.push(call)
        return handle(call)
      },
    },
  )
  const onRefused = async (refusal: Refusal) => void refusals.push(refusal)
  const server = await startTestServer({ streamRoutes: [route], onRefused, ...replace })
  server.actors.set('reader', actor(['far:read']))
  server.actors.set('writer', actor(['far:read', 'far:write']))
  server.actors.set('session', { id: 'a', role: 'user', status: 'active', sessionId: 's' })
  server.actors.set('banned', actor(['far:read'], { status: 'banned' }))
  const send = (method: string, path: string, init: RequestInit & { token?: string } = {}) => {
    const { token = 'writer', headers, ...rest } = init
    return fetch(`${server.address}${BASE}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(headers as Record<string, string>) },
      ...rest,
    })
  }
  const raw = (head: string, body = '', isAll = true) => {
    const common = 'Host: localhost\r\nAuthorization: Bearer writer\r\nConnection: close'
    return sendRaw(server.address, `${head}\r\n${common}\r\n\r\n${body}`, isAll)
  }
  return { ...server, send, raw, calls, refusals }
}

const echo = async ({ method, path, query, body }: AnyStreamCall) =>
  textAnswer(`${method} ${path} ${query} ${body === undefined ? '-' : await text(body)}`)

describe('a stream route lets in', () => {
  it.each([
    ['nobody', {}, 401, 'http.unauthenticated'],
    ['a token that is none', { authorization: 'Bearer nonsense' }, 401, 'http.unauthenticated'],
    ['another way to sign in', { authorization: 'Basic d3JpdGVyOg==' }, 401, 'http.unauthenticated'],
    ['a token header that is none', { 'x-far-key': 'a b' }, 401, 'http.unauthenticated'],
    ['a session', { authorization: 'Bearer session' }, 403, 'http.token_needed'],
    ['an account that is banned', { authorization: 'Bearer banned' }, 403, 'http.account_not_active'],
    ['a token without the scope', { authorization: 'Bearer reader' }, 403, 'http.insufficient_scope'],
    [
      'a bad token before a good key',
      { authorization: 'Bearer x', 'x-far-key': 'writer' },
      401,
      'http.unauthenticated',
    ],
  ])('not %s, whatever the body', async (...[, headers, status, code]) => {
    const { address, calls } = await startStream(echo)
    const answer = await fetch(`${address}${BASE}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'text/weird', ...headers } as Record<string, string>,
      body: 'anything',
    })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code])
    expect(calls).toEqual([])
  })

  it('no cookie', async () => {
    const { address, calls } = await startStream(echo, { sessionCookie: 'session' })
    const answer = await fetch(`${address}${BASE}/x`, { headers: { cookie: 'session=reader' } })
    expect([answer.status, calls]).toEqual([401, []])
  })

  it('a token in a header of the other end, and says who was refused what', async () => {
    const { address, calls, refusals } = await startStream(echo)
    const read = await fetch(`${address}${BASE}/x`, { headers: { 'x-far-key': 'reader' } })
    expect([read.status, calls.map((call) => call.actor?.token?.id)]).toEqual([200, ['t']])
    await fetch(`${address}${BASE}/x`, { method: 'DELETE', headers: { 'x-far-key': 'reader' } })
    const route = 'DELETE /api/v1/far/{id}/*'
    expect(refusals).toEqual([expect.objectContaining({ route, code: 'http.insufficient_scope' })])
  })

  it('only so many a minute', async () => {
    const { send } = await startStream(echo, { rateLimits: {} })
    const answers = await Promise.all(Array.from({ length: 61 }, () => send('GET', '/x')))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1)
  })

  it('nobody while the clock is wrong', async () => {
    const clockGuard = { isRight: () => false } as unknown as NonNullable<HttpServerOptions['clockGuard']>
    const { send, calls } = await startStream(echo, { clockGuard })
    expect([(await send('GET', '/x')).status, calls]).toEqual([503, []])
  })
})

describe('a stream route hands on', () => {
  it.each([
    ['GET', '/v2/account', ''],
    ['GET', '/', ''],
    ['GET', '//a//b/', '?'],
    ['DELETE', '/v2/orders/%41~x', '?a=%41&a=b+c&&d'],
  ])('%s %s%s byte for byte', async (method, path, query) => {
    const { raw, calls } = await startStream(echo)
    const answer = await raw(`${method} ${BASE}${path}${query} HTTP/1.1`)
    expect(statusOf(answer)).toBe(200)
    expect(calls.map((call) => [call.method, call.path, call.query, call.body])).toEqual([
      [method, path, query, undefined],
    ])
  })

  it('a path whose beginning is spelled otherwise', async () => {
    const { raw, calls } = await startStream(echo)
    expect(statusOf(await raw(`GET ${BASE.replace('far', 'f%61r')}/v2/%61 HTTP/1.1`))).toBe(200)
    expect(calls.map(({ path }) => path)).toEqual(['/v2/%61'])
  })

  it.each(['/v2/%2e%2e/x', '/v2/../x', '/a%2fb', '/a\\b', '/a#b', '/a\u00e9', '/%00'])(
    'no path such as %s',
    async (path) => {
      const { raw, calls } = await startStream(echo)
      expect(statusOf(await raw(`GET ${BASE}${path} HTTP/1.1`))).toBe(400)
      expect(calls).toEqual([])
    },
  )

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('the body of a %s, whatever its type', async (method) => {
    const { send } = await startStream(echo)
    const types = ['application/json', 'text/weird; x=y', 'application/x-www-form-urlencoded', undefined]
    for (const type of types) {
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
      const answer = await send(method, '/x', { body: Buffer.from('{"a":'), headers })
      expect([answer.status, await answer.text()]).toEqual([200, `${method} /x  {"a":`])
    }
    expect(await (await send(method, '/x')).text()).toBe(`${method} /x  -`)
  })

  it('a body in chunks, while it is still coming', async () => {
    const { address } = await startStream(async ({ body }) => ({
      status: 200,
      headers: {},
      body: body ?? Readable.from([]),
    }))
    const sending = httpRequest(`${address}${BASE}/x`, {
      method: 'POST',
      headers: { authorization: 'Bearer writer' },
    })
    sending.write('first ')
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    const [begin] = (await once(answer, 'data')) as [Buffer]
    expect(begin.toString()).toBe('first ')
    sending.end('last')
    expect(await text(answer)).toBe('last')
  })

  it('a body that is announced by Expect: 100-continue', async () => {
    const { raw } = await startStream(echo)
    const head = `POST ${BASE}/x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4`
    const answer = await raw(head, 'body')
    expect(answer).toContain('HTTP/1.1 100 Continue')
    expect(answer).toContain('POST /x  body')
  })

  it('answers as they are, beside what every answer of ours has', async () => {
    const { send } = await startStream(async () => ({
      status: 422,
      headers: { 'content-type': 'text/html', 'x-ratelimit-remaining': '7', link: ['<a>', '<b>'] },
      body: Readable.from([Buffer.from('<script>no</script>')]),
    }))
    const {
      status,
      headers,
      text: body,
    } = await send('GET', '/x').then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    }))
    expect([status, body]).toEqual([422, '<script>no</script>'])
    expect(headers.get('content-type')).toBe('text/html')
    expect([headers.get('x-ratelimit-remaining'), headers.get('link')]).toEqual(['7', '<a>, <b>'])
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect([headers.get('x-content-type-options'), headers.get('set-cookie')]).toEqual(['nosniff', null])
  })

  it('no body with HEAD, 204 and 304', async () => {
    const sources: Readable[] = []
    const { send } = await startStream(async ({ path }) => {
      const body = Readable.from([Buffer.from('unseen')])
      sources.push(body)
      return { status: Number(path.slice(1)), headers: { etag: '"1"' }, body }
    })
    for (const [method, status] of [
      ['HEAD', 200],
      ['HEAD', 404],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const answer = await send(method, `/${status}`)
      expect([answer.status, answer.headers.get('etag'), await answer.text()]).toEqual([status, '"1"', ''])
    }
    await expect.poll(() => sources.every(({ destroyed }) => destroyed)).toBe(true)
  })

  it('50 streams side by side, each to its own caller', async () => {
    const { send } = await startStream(echo)
    const bodies = Array.from({ length: 50 }, (_, at) => `${at} `.repeat(10_000))
    const answers = await Promise.all(bodies.map(async (body) => (await send('POST', '/x', { body })).text()))
    expect(answers).toEqual(bodies.map((body) => `POST /x  ${body}`))
  })

  it('and logs the pattern, never the path, the query or the token', async () => {
    const { send, logged, logText } = await startStream(echo)
    await send('GET', '/secret-path?secret-query', { headers: { 'x-far-secret': 'secret-header' } })
    await expect.poll(() => logged().find(({ route }) => route === '/api/v1/far/{id}/*')).toBeDefined()
    expect(logText()).not.toMatch(/secret-|writer/)
  })
})

describe('a stream route refuses', () => {
  it('an id that is none as it refuses what is not there', async () => {
    const { address, calls } = await startStream(echo)
    const answer = await fetch(`${address}/api/v1/far/mine/x`, { headers: { 'x-far-key': 'reader' } })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      404,
      'things.not_there',
    ])
    expect(calls).toEqual([])
  })

  it('a body that says it is too large before it comes', async () => {
    const { raw, calls } = await startStream(echo)
    const answer = await raw(`POST ${BASE}/x HTTP/1.1\r\nContent-Length: 100001`, '', false)
    expect([statusOf(answer), calls]).toEqual([413, []])
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  it.each([100_000, 100_001])('a body in chunks that grows to %d bytes at 100,000', async (size) => {
    const read: number[] = []
    const { address } = await startStream(async ({ body }) => {
      try {
        read.push((await text(body ?? Readable.from([]))).length)
      } catch (error) {
        read.push(-1)
        throw error
      }
      return textAnswer('fine')
    })
    const sending = httpRequest(`${address}${BASE}/x`, {
      method: 'POST',
      headers: { authorization: 'Bearer writer' },
    })
    sending.on('error', () => undefined)
    for (let left = size; left > 0; left -= 10_000) sending.write('x'.repeat(Math.min(left, 10_000)))
    sending.end()
    const [answer] = (await once(sending, 'response')) as [IncomingMessage]
    answer.resume()
    const isFine = size === 100_000
    expect([answer.statusCode, read]).toEqual(isFine ? [200, [100_000]] : [413, [-1]])
  })

  it('a body that is too slow', async () => {
    const ended: string[] = []
    const { address } = await startStream(
      async ({ body }) => {
        await text(body ?? Readable.from([])).catch((error: Error) => ended.push(error.message))
        throw httpErrors.unavailable()
      },
      { connections: { headersTimeoutMs: 100, requestTimeoutMs: 200 } },
    )
    const head = `POST ${BASE}/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer writer\r\nContent-Length: 5\r\n\r\nab`
    expect(statusOf(await sendRaw(address, head))).toBe(408)
    await expect.poll(() => ended.length).toBe(1)
  })

  it('headers that are too large or spoilt, and lets none add another', async () => {
    const { raw, calls } = await startStream(echo)
    expect(statusOf(await raw(`GET ${BASE}/x HTTP/1.1\r\nX-Big: ${'x'.repeat(20_000)}`))).toBe(431)
    expect(statusOf(await raw(`GET ${BASE}/x HTTP/1.1\r\nX-A: b\rX-C: d`))).toBe(400)
    expect(statusOf(await raw(`GET ${BASE}/x HTTP/1.1\r\nX-A: b\0c`))).toBe(400)
    expect(
      statusOf(await raw(`POST ${BASE}/x HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked`, 'x')),
    ).toBe(400)
    expect(calls).toEqual([])
  })

  it('methods that it does not take', async () => {
    const { raw, calls } = await startStream(echo)
    expect(statusOf(await raw(`TRACE ${BASE}/x HTTP/1.1`))).toBe(405)
    expect(statusOf(await raw(`OPTIONS ${BASE}/x HTTP/1.1`))).toBe(204)
    expect(statusOf(await raw(`PROPFIND ${BASE}/x HTTP/1.1`))).toBe(405)
    expect(calls).toEqual([])
  })

  it('pages of other sites that write', async () => {
    const { send, calls } = await startStream(echo)
    const answer = await send('POST', '/x', { headers: { origin: 'https://elsewhere.example' } })
    expect([answer.status, calls]).toEqual([403, []])
  })
})

describe('a stream route whose client goes away', () => {
  const goAway = async (address: string, bytes: string, after: Promise<unknown>) => {
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname)
    socket.write(bytes)
    socket.on('error', () => undefined).resume()
    await after
    socket.destroy()
  }
  const head = (method: string, rest: string) =>
    `${method} ${BASE}/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer writer\r\n${rest}\r\n`

  it('before it has an answer tells the handler', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: told, resolve: tell } = Promise.withResolvers<void>()
    const { address } = await startStream(
      ({ request }) =>
        new Promise((_resolve, reject) => {
          request.signal.addEventListener('abort', () => {
            tell()
            reject(httpErrors.unavailable())
          })
          begin()
        }),
    )
    await goAway(address, head('GET', ''), begun)
    await told
  })

  it('in the middle of its body fails that body', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: failed, resolve: fail } = Promise.withResolvers<string>()
    const { address } = await startStream(async ({ body }) => {
      body?.once('data', () => begin())
      body?.once('error', (error) => fail(error.message))
      await failed
      throw httpErrors.unavailable()
    })
    await goAway(address, `${head('POST', 'Content-Length: 100\r\n')}part`, begun)
    expect(await failed).toContain('went away')
  })

  it('in the middle of the answer destroys its source', async () => {
    let made = 0
    const source = new Readable({
      read() {
        made++
        this.push(Buffer.alloc(65_536))
      },
    })
    const { address, logText } = await startStream(async () => ({ status: 200, headers: {}, body: source }))
    await goAway(address, head('GET', ''), expect.poll(() => made).toBeGreaterThan(3))
    await once(source, 'close')
    expect(logText()).not.toContain('"level":"error"')
  })
})

it('a stream route does not read its source faster than the client reads', async () => {
  let made = 0
  const source = new Readable({
    read() {
      made++
      this.push(Buffer.alloc(65_536))
    },
  })
  const { address } = await startStream(async () => ({ status: 200, headers: {}, body: source }))
  const asking = httpRequest(`${address}${BASE}/x`, { headers: { authorization: 'Bearer reader' } })
  asking.end()
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  let before = -1
  await expect
    .poll(() => {
      const isStill = made === before
      before = made
      return isStill
    })
    .toBe(true)
  expect(made * 65_536).toBeLessThan(32 * 1024 * 1024)
  answer.destroy()
  await once(source, 'close')
})

it('a stream route cuts the answer off when its source breaks', async () => {
  const { send } = await startStream(async () => ({
    status: 200,
    headers: { 'content-length': '100' },
    body: Readable.from(
      (async function* parts() {
        yield Buffer.from('part')
        throw new Error('The other end went away.')
      })(),
    ),
  }))
  await expect(send('GET', '/x').then((answer) => answer.text())).rejects.toThrow()
})

it('a stream route is described as one path with its methods and scopes', async () => {
  const { get } = await startStream(echo)
  const document = (await (await get('/api/openapi.json')).json()) as {
    paths: Record<string, Record<string, Record<string, unknown>>>
  }
  const item = document.paths['/api/v1/far/{id}/{path}'] ?? {}
  expect(Object.entries(item).map(([method, each]) => [method, each.operationId, each['x-scope']])).toEqual([
    ['get', 'handOnGet', 'far:read'],
    ['post', 'handOnPost', 'far:write'],
    ['put', 'handOnPut', 'far:write'],
    ['patch', 'handOnPatch', 'far:write'],
    ['delete', 'handOnDelete', 'far:write'],
  ])
  expect(item.get?.['x-access']).toBe('token')
  expect(await (await get('/api/docs')).text()).toContain('Needs a personal access token')
})
