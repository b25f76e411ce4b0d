import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrokerDouble, startBrokerDouble } from '../../../testing/broker-double.ts'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import { credentialEntries, newPair, storeCredential } from '../../../testing/factories-vault.ts'
import { startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import type { StoredRow } from '../../../testing/stored-rows.ts'

describe.each(['sqlite', 'postgres'] as const)('the gateway to a broker of its own on %s', (dialect) => {
  let app: TestApp
  let broker: BrokerDouble
  let id: string
  let token: string
  const pair = newPair()

  beforeAll(async () => {
    broker = await startBrokerDouble()
    const url = broker.url.origin
    const env = { OUTCRY_ALPACA_PAPER_URL: url, OUTCRY_ALPACA_LIVE_URL: url }
    app = await startTestApp({ dialect, env })
    const member = await createSignedInMember(app)
    id = (await storeCredential(app, member, pair)).id
    token = (await createPersonalToken(app, member, { scopes: ['broker:trade'] })).token
  })
  afterAll(async () => {
    await app[Symbol.asyncDispose]()
    await broker[Symbol.asyncDispose]()
  })

  const start = (method: string, path: string, headers: Record<string, string | string[]> = {}) =>
    httpRequest(`${app.url}/api/v1/gateway/${id}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
    }).on('error', () => undefined)
  const answerTo = async (asking: ReturnType<typeof start>) => {
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    return answer
  }
  const ask = async (method: string, path: string, headers: Record<string, string | string[]> = {}) => {
    const answer = await answerTo(start(method, path, headers).end())
    return { status: answer.statusCode, headers: answer.headers, text: await text(answer) }
  }
  /** What the log says about how a use ended, which comes some time after its answer. */
  const endsOf = async (used: StoredRow | undefined) => {
    const ends = await credentialEntries(app, id, 'credential.use_ended')
    const own = ends.filter(({ request_id }) => request_id === used?.request_id)
    return own.map(({ details }) => JSON.stringify(details))
  }

  it('says to the broker nothing that is not for it', async () => {
    broker.answer((_request, response) => response.end('{}'))
    await ask('GET', '/v2/account', {
      'apca-api-key-id': 'PKFAKEOFTHECALLER',
      'apca-api-secret-key': 'fake-secret-of-the-caller',
      'proxy-authorization': 'Basic abc',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-host': 'elsewhere.example',
      'x-http-method-override': 'DELETE',
      'x-original-url': '/v2/orders',
      'accept-language': 'en',
      'if-none-match': ['"1"', '"2"'],
      cookie: 'session=secret',
      forwarded: 'for=192.0.2.1',
      te: 'trailers',
      via: '1.1 x',
      origin: app.url,
      referer: 'https://secret.example/',
      connection: 'keep-alive, x-mine',
      'x-mine': 'yes',
    })
    const sent = broker.received.at(-1)
    expect(sent?.headers).toEqual({
      host: broker.url.host,
      connection: 'keep-alive',
      'accept-language': 'en',
      'if-none-match': '"1", "2"',
      'apca-api-key-id': pair.api_key,
      'apca-api-secret-key': pair.secret_key,
    })
    expect(JSON.stringify(sent?.headers)).not.toContain(token)
  })

  it.each([
    ['/v2/orders?symbols=AAPL%2CMSFT&a=+&&b', '/v2/orders?symbols=AAPL%2CMSFT&a=+&&b'],
    ['/v2/%C3%A4/~x;y=1', '/v2/%C3%A4/~x;y=1'],
    ['/', '/'],
    ['/v2//account/', '/v2//account/'],
  ])('asks for %s byte for byte', async (path, received) => {
    broker.answer((_request, response) => response.end('{}'))
    expect((await ask('GET', path)).status).toBe(200)
    expect(broker.received.at(-1)?.url).toBe(received)
  })

  it.each([301, 302, 307, 308, 300])(
    'follows no redirect with %d, and tells nobody where it led',
    async (status) => {
      const before = broker.received.length
      broker.answer((_request, response) =>
        response.writeHead(status, { location: `${broker.url.origin}/elsewhere` }).end('gone there'),
      )
      const { status: answered, headers, text: body } = await ask('GET', '/v2/account')
      expect([answered, headers.location]).toEqual([503, undefined])
      expect(body).toContain('brokers.broker_unreachable')
      expect(body).not.toMatch(/elsewhere|gone there/)
      expect(broker.received.length).toBe(before + 1)
    },
  )

  it('passes on a good status, safe headers and nothing else', async () => {
    broker.answer((_request, response) =>
      response
        .writeHead(207, {
          ...{ 'content-type': 'text/html', etag: '"7"', 'retry-after': '3', 'x-ratelimit-remaining': '9' },
          ...{
            'x-request-id': 'of-the-broker',
            server: 'secret',
            'x-powered-by': 'secret',
            'set-cookie': ['a=1', 'b=2'],
          },
          ...{
            'access-control-allow-origin': '*',
            'content-security-policy': 'none',
            'x-vault-outcome': 'rejected',
          },
          ...{
            'cache-control': 'public',
            'strict-transport-security': 'max-age=1',
            location: '/x',
            link: '<x>',
          },
          ...{ 'www-authenticate': 'Basic', 'clear-site-data': '"*"', 'x-ours': 'secret' },
        })
        .end('<b>hello</b>'),
    )
    const { status, headers, text: body } = await ask('GET', '/v2/account')
    expect([status, body]).toEqual([207, '<b>hello</b>'])
    const { 'x-request-id': ours, date: _, ...rest } = headers
    expect(ours).toMatch(/^[0-9a-f-]{36}$/)
    expect(rest).toMatchObject({
      'content-type': 'text/html',
      etag: '"7"',
      'retry-after': '3',
      'x-ratelimit-remaining': '9',
      'x-broker-request-id': 'of-the-broker',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    const unwanted = [
      'server',
      'x-powered-by',
      'set-cookie',
      'access-control-allow-origin',
      'x-vault-outcome',
    ]
    unwanted.push('location', 'www-authenticate', 'clear-site-data', 'x-ours', 'strict-transport-security')
    expect(unwanted.filter((name) => headers[name] !== undefined)).toEqual([])
  })

  it.each([
    ['HEAD', 200],
    ['HEAD', 404],
    ['GET', 204],
    ['GET', 304],
  ] as const)('answers %s with %d and no body', async (method, status) => {
    broker.answer((_request, response) => response.writeHead(status, { etag: '"1"' }).end())
    const answer = await ask(method, '/v2/account')
    expect([answer.status, answer.text, answer.headers.etag]).toEqual([status, '', '"1"'])
    expect(broker.received.at(-1)?.method).toBe(method)
  })

  it('streams a body to the broker and its answer back while both are still coming', async () => {
    broker.answer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      request.pipe(response)
    })
    const asking = start('POST', '/v2/echo')
    asking.write('first ')
    const answer = await answerTo(asking)
    const [begin] = (await once(answer, 'data')) as [Buffer]
    expect(begin.toString()).toBe('first ')
    asking.end('last')
    expect(await text(answer)).toBe('last')
    expect(broker.received.at(-1)?.headers['transfer-encoding']).toBe('chunked')
  })

  it('keeps the length of a body that has one, and its type', async () => {
    let received = ''
    broker.answer(async (request, response) => {
      received = await text(request)
      response.end('{}')
    })
    const asking = start('POST', '/v2/orders', {
      'content-type': 'text/csv',
      'content-length': '4',
      expect: '100-continue',
    })
    asking.on('continue', () => asking.end('a,b;'))
    asking.flushHeaders()
    expect((await answerTo(asking)).statusCode).toBe(200)
    expect([received, broker.received.at(-1)?.headers['content-length']]).toEqual(['a,b;', '4'])
    expect(broker.received.at(-1)?.headers).toMatchObject({ 'content-type': 'text/csv' })
    expect(broker.received.at(-1)?.headers.expect).toBeUndefined()
  })

  it('cuts off what grows beyond 1 MiB, and the broker sees no end of it', async () => {
    const { promise: cut, resolve } = Promise.withResolvers<boolean>()
    broker.answer((request) => {
      request.on('close', () => resolve(!request.complete)).resume()
    })
    const asking = start('POST', '/v2/orders')
    for (let i = 0; i < 17; i++) asking.write('x'.repeat(65_536))
    asking.end()
    const answer = await answerTo(asking)
    expect([answer.statusCode, await text(answer)]).toEqual([
      413,
      expect.stringContaining('http.body_too_large'),
    ])
    expect(await cut).toBe(true)
  })

  it.each<[string, (gone: () => void, begun: () => void) => RequestListener, string]>([
    [
      'before the broker has answered',
      (gone, begun) => (_request, response) => {
        response.on('close', gone)
        begun()
      },
      'GET',
    ],
    [
      'in the middle of the answer',
      (gone, begun) => (_request, response) => {
        response.on('close', gone)
        response.writeHead(200).write('x'.repeat(100_000))
        begun()
      },
      'GET',
    ],
    [
      'in the middle of the body',
      (gone, begun) => (request) => {
        request.on('close', () => request.complete || gone()).once('data', begun)
      },
      'POST',
    ],
  ])('lets go of the broker when the client goes away %s', async (_when, listener, method) => {
    const begun = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    broker.answer(
      listener(
        () => gone.resolve(),
        () => begun.resolve(),
      ),
    )
    const asking = start(method, '/v2/account')
    asking.on('response', (answer) => answer.on('error', () => undefined).resume())
    if (method === 'POST') asking.write('part')
    else asking.end()
    await begun.promise
    asking.destroy()
    await gone.promise
    const used = (await credentialEntries(app, id, 'credential.used')).at(-1)
    await expect.poll(() => endsOf(used)).toEqual([expect.stringContaining('abandoned')])
  })

  it('cuts the answer off when the broker goes away in the middle of it', async () => {
    broker.answer((_request, response) => {
      response.writeHead(200, { 'content-length': '1000000' })
      response.write('x'.repeat(100_000), () => response.destroy())
    })
    await expect(ask('GET', '/v2/account')).rejects.toThrow('aborted')
  })

  it.each<[string, RequestListener]>([
    ['goes away at once', (request) => request.destroy()],
    ['answers what is no HTTP', (request) => void request.socket.end('nonsense\r\n\r\n')],
  ])('says plainly that a broker %s', async (_what, listener) => {
    broker.answer(listener)
    const before = broker.received.length
    const codes = { GET: 'brokers.broker_unreachable', POST: 'brokers.outcome_unknown' }
    for (const [method, code] of Object.entries(codes)) {
      const { status, text: body } = await ask(method, '/v2/orders')
      expect([status, body]).toEqual([503, expect.stringContaining(code)])
    }
    expect(broker.received.length).toBe(before + 2)
  })

  it('does not read a long answer faster than the client does', async () => {
    let sent = 0
    const isFull = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    broker.answer((_request, response) => {
      const part = Buffer.alloc(65_536)
      response.writeHead(200).on('close', () => closed.resolve())
      const more = () => {
        while (sent < 30_000_000) {
          sent += part.length
          if (!response.write(part)) return void response.once('drain', more)
        }
        isFull.resolve()
      }
      more()
    })
    const asking = start('GET', '/v2/long').end()
    const answer = await answerTo(asking)
    let before = -1
    await expect
      .poll(() => {
        const isStill = sent === before
        before = sent
        return isStill
      })
      .toBe(true)
    expect(sent).toBeLessThan(30_000_000)
    answer.on('error', () => undefined).destroy()
    await closed.promise
  })

  it('carries 50 streams side by side, each its own', async () => {
    broker.answer((request, response) => void request.pipe(response.writeHead(200)))
    const bodies = Array.from({ length: 50 }, (_, at) => `${at} `.repeat(20_000))
    const answers = await Promise.all(
      bodies.map(async (body) => text(await answerTo(start('POST', '/v2/echo').end(body)))),
    )
    expect(answers.map((answer, at) => answer === bodies[at])).toEqual(Array(50).fill(true))
  })

  it('opens no second door: what an answer says of headers stays in its body', async () => {
    broker.answer((_request, response) => response.end('HTTP/1.1 200 OK\r\nset-cookie: a=b\r\n\r\n'))
    const { headers, text: body } = await ask('GET', '/v2/account?x=%0d%0aset-cookie:a').catch(() => ({
      headers: {},
      text: '',
    }))
    expect('set-cookie' in headers).toBe(false)
    expect(body).toContain('path_refused')
    expect(body).not.toContain('a=b')
  })
})
