import { describe, expect, it } from 'vitest'
import { sendRaw } from './testing/raw-request.ts'
import { startTestServer, thingId } from './testing/test-server.ts'

const json = { 'content-type': 'application/json' }

describe('createHttpServer', () => {
  it('answers with the contract status, only declared fields, and instants in milliseconds UTC', async () => {
    const { post, seen } = await startTestServer()
    const response = await post('/api/v1/things', {
      name: 'box',
      role: 'admin',
      user_id: 'x',
      is_verified: true,
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe(`/things/${thingId}`)
    expect(await response.json()).toEqual({
      id: thingId,
      created_at: '2030-01-02T03:04:05.006Z',
      updated_at: '2030-01-02T03:04:05.006Z',
      name: 'box',
    })
    expect(seen).toEqual([{ name: 'box' }])
  })

  it('answers the status a handler chooses among several', async () => {
    const { address } = await startTestServer()
    const response = await fetch(`${address}/api/v1/several`, { method: 'POST' })
    expect([response.status, response.headers.get('x-later')]).toEqual([202, 'yes'])
    expect(await response.json()).toEqual({ later: true })
  })

  it('answers HEAD like GET, without a body', async () => {
    const { address } = await startTestServer()
    const response = await fetch(`${address}/api/v1/things`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  it('C40: sends the security headers with every answer, errors included', async () => {
    const { get, post, address } = await startTestServer()
    const raw = await sendRaw(address, 'nonsense\r\n\r\n')
    expect(raw).toContain('x-content-type-options: nosniff')
    expect(raw).toContain("content-security-policy: default-src 'none'")
    const answers = [
      await get('/api/v1/things'),
      await get('/nowhere'),
      await get('/api/v1/fail'),
      await get('/health/live'),
      await get('/api/v1/things/%zz'),
      await get('/api/docs'),
      await post('/api/v1/things', '{'),
    ]
    for (const { headers, status } of answers) {
      expect(headers.get('strict-transport-security'), `${status}`).toBe(
        'max-age=63072000; includeSubDomains',
      )
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'/)
      expect(headers.get('cache-control')).toBeTruthy()
      expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull()
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  it('C44: answers an unexpected failure with a plain 500 and logs its cause', async () => {
    const { get, logText, logged, server } = await startTestServer()
    const response = await get('/api/v1/fail')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    const requestId = response.headers.get('x-request-id')
    expect(JSON.parse(text)).toEqual({
      type: 'urn:outcry:problem:http.internal',
      title: 'Internal',
      status: 500,
      detail: 'Something went wrong on our side; try again, and report the request id if it stays.',
      instance: requestId,
      code: 'http.internal',
    })
    expect(text).not.toMatch(/SELECT|hidden|TypeError|at /)
    expect(logText()).toContain('SELECT secret')
    await server.stop()
    expect(logged().some((line) => line.request_id === requestId && line.level === 'error')).toBe(true)
  })

  it('C44: tells only the code, sentence and fields of an error, never its details', async () => {
    const { post } = await startTestServer()
    const response = await post('/api/v1/things', { name: 'taken' })
    const text = await response.text()
    expect(response.status).toBe(409)
    expect(JSON.parse(text)).toMatchObject({ code: 'things.taken', detail: 'The name taken is taken.' })
    expect(text).not.toContain('internal-detail')
  })

  it('C44: translates errors of other parts when it is given how', async () => {
    const { httpErrors } = await import('./http-errors.ts')
    const { get } = await startTestServer({ translateError: () => httpErrors.unavailable() })
    expect((await get('/api/v1/fail')).status).toBe(503)
  })

  it('C45: answers a malformed id exactly as one that is not there', async () => {
    const { get } = await startTestServer()
    const bodies = await Promise.all(
      [thingId, 'nonsense', thingId.toUpperCase(), 'x'.repeat(300), "'%20or%201=1"].map(async (id) => {
        const response = await get(`/api/v1/things/${id}`)
        const { instance: _, ...rest } = (await response.json()) as Record<string, unknown>
        return rest
      }),
    )
    expect(bodies[0]).toMatchObject({ status: 404, code: 'things.not_there' })
    for (const body of [bodies[1], bodies[2], bodies[4]]) expect(body).toEqual(bodies[0])
    expect(bodies[3]).toMatchObject({ status: 404 })
  })

  it('C41: refuses a body over the limit with 413, by length and in chunks, without reading it all', async () => {
    const { post, address, seen } = await startTestServer()
    expect((await post('/api/v1/echo', `"${'x'.repeat(100 * 1_024)}"`)).status).toBe(413)
    const head = 'POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    expect(await sendRaw(address, `${head}Content-Length: 99999999999\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413/)
    const chunk = `2000\r\n${'['.repeat(0x2000)}\r\n`
    expect(await sendRaw(address, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(13)}`)).toMatch(
      /^HTTP\/1\.1 413/,
    )
    const form = `username=${'x'.repeat(17 * 1_024)}`
    const response = await post('/api/v1/sign-in', form, {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(response.status).toBe(413)
    expect(seen).toEqual([])
  })

  it('C42: refuses a body of another content type, charset or encoding with 415', async () => {
    const { post, address } = await startTestServer()
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/json; charset=utf-16',
      'application/json, text/plain',
      '',
    ]
    for (const type of types) {
      expect((await post('/api/v1/things', '{"name":"a"}', { 'content-type': type })).status, type).toBe(415)
    }
    expect((await post('/api/v1/things', '{"name":"a"}', { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await post('/api/v1/sign-in', '{"username":"a"}', json)).status).toBe(415)
    const bare =
      'POST /api/v1/things HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}'
    expect(await sendRaw(address, bare)).toMatch(/^HTTP\/1\.1 415/)
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'takes a body as %s',
    async (type) => {
      const { post } = await startTestServer()
      expect((await post('/api/v1/things', '{"name":"a"}', { 'content-type': type })).status).toBe(201)
    },
  )

  it('takes forms where the contract says so, and reads their texts as the schema wants', async () => {
    const { post } = await startTestServer()
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const response = await post('/api/v1/sign-in', 'username=ann&remember=true&grant_type=password', form)
    expect(await response.json()).toMatchObject({ message: 'ann true' })
    expect((await post('/api/v1/sign-in', 'username=a&username=b', form)).status).toBe(422)
  })

  it('C42: refuses duplicate keys with 422 and their path, and runs nothing', async () => {
    const { post, seen } = await startTestServer()
    const response = await post('/api/v1/things', '{"name":"a","name":"b"}')
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ path: 'body.name', message: 'appears twice' }] })
    expect(seen).toEqual([])
  })

  it('reports a missing body like missing fields', async () => {
    const { address } = await startTestServer()
    const response = await fetch(`${address}/api/v1/things`, { method: 'POST' })
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ path: 'body.name', message: 'is required' }] })
  })

  it('reads queries by their schema and refuses what misses it with 422', async () => {
    const { get } = await startTestServer()
    const query = (await (await get('/api/v1/things?skip=5&loud=true&tags=a&tags=b&x=1')).json()) as {
      query: unknown
    }
    expect(query.query).toEqual({ skip: 5, limit: 20, loud: true, tags: ['a', 'b'] })
    expect((await get('/api/v1/things?limit=101')).status).toBe(422)
    expect((await get('/api/v1/things?limit=1&limit=2')).status).toBe(422)
  })

  it('C79: logs one line per request with the pattern, never the path, the query or a header', async () => {
    const { get, logged, logText, actors, server } = await startTestServer()
    actors.set('token-abc', { id: 'account-1', role: 'user', status: 'active' })
    await get('/api/v1/mine?email=ann@example.test', {
      authorization: 'Bearer token-abc',
      cookie: 'a=secret-cookie',
    })
    const response = await get(`/api/v1/things/${thingId}`)
    await server.stop()
    const lines = logged()
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatchObject({
      message: 'request',
      method: 'GET',
      status: 200,
      account_id: 'account-1',
    })
    expect(lines[1]).toMatchObject({
      route: '/api/v1/things/{id}',
      status: 404,
      ms: expect.any(Number),
      request_id: response.headers.get('x-request-id'),
    })
    expect(logText()).not.toMatch(/token-abc|secret-cookie|example\.test|01890a5d/)
  })

  it('takes a request id from a trusted proxy only', async () => {
    const headers = { 'x-request-id': 'from-outside' }
    const open = await startTestServer()
    expect((await open.get('/api/v1/things', headers)).headers.get('x-request-id')).not.toBe('from-outside')
    const proxied = await startTestServer({ trustedProxies: ['127.0.0.1'] })
    expect((await proxied.get('/api/v1/things', headers)).headers.get('x-request-id')).toBe('from-outside')
    const hostile = await proxied.get('/api/v1/things', { 'x-request-id': 'a"b<c>' })
    expect(hostile.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('refuses to be built with an unknown role', async () => {
    await expect(startTestServer({ roles: ['user'] })).rejects.toThrow('unknown role moderator')
  })
})
