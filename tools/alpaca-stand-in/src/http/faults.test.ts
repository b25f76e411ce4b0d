import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FaultOrder, type StandIn, startStandIn } from '../index.ts'
import { type Client, createClient } from '../testing/client.ts'

const KEY = { environment: 'paper', keyId: 'PKFAKEFAULTS' } as const
const order = { symbol: 'F', qty: '1', side: 'buy', type: 'limit', limit_price: '1', time_in_force: 'day' }
const HEADERS = { 'APCA-API-KEY-ID': KEY.keyId, 'APCA-API-SECRET-KEY': 'fake-secret-1' }

let standIn: StandIn
let client: Client
beforeAll(async () => {
  standIn = await startStandIn()
  client = createClient(standIn, KEY)
})
afterAll(() => standIn.dispose())
beforeEach(() => standIn.controls.reset({}))

const fetchAccount = (signal?: AbortSignal) =>
  fetch(`${standIn.paper.url}/v2/account`, {
    headers: HEADERS,
    redirect: 'manual',
    ...(signal && { signal }),
  })

describe('faults in the place of an answer', () => {
  it.each([
    ['unauthorized', 401, { code: 40110000 }],
    ['headers_missing', 403, { message: 'forbidden.' }],
    ['buying_power', 403, { code: 40310000, buying_power: '0', cost_basis: '100' }],
    ['quantity', 403, { code: 40310000, available: '0' }],
    ['suspended', 403, { code: 40310000, message: 'new orders are rejected by user request' }],
    ['not_found', 404, { code: 40410000 }],
    ['unprocessable', 422, { code: 40010001 }],
    ['rate_limited', 429, { message: 'too many requests.' }],
    ['server_error', 500, { code: 50010000 }],
  ] as const)('%s answers %i', async (kind, status, body) => {
    standIn.controls.fault({ kind })
    expect(await client.refused('GET', '/v2/account')).toMatchObject({ status, ...body })
    expect(standIn.log.entries().at(-1)).toMatchObject({ fault: kind, outcome: status })
  })

  it('says with a 429 when to come back', async () => {
    standIn.controls.fault({ kind: 'rate_limited' })
    const { headers } = await fetchAccount()
    expect(headers.get('X-RateLimit-Remaining')).toBe('0')
    expect(Number(headers.get('X-RateLimit-Reset'))).toBe(Date.parse('2026-06-15T14:31:00Z') / 1000)
  })

  it('sends a page of HTML as the gateway does', async () => {
    standIn.controls.fault({ kind: 'html' })
    const response = await fetchAccount()
    expect(response.status).toBe(502)
    expect(response.headers.get('content-type')).toBe('text/html')
    expect(await response.text()).toContain('<h1>502 Bad Gateway</h1>')
  })

  it('sends whatever is ordered: a redirect, plain text, nothing', async () => {
    const headers = { location: 'http://169.254.169.254/' }
    standIn.controls.fault({ kind: 'answer', times: 1, answer: { status: 302, headers } })
    const redirect = await fetchAccount()
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'http://169.254.169.254/'])
    standIn.controls.fault({ kind: 'answer', answer: { status: 503, type: 'text/plain', body: 'later' } })
    expect(await (await fetchAccount()).text()).toBe('later')
  })

  it('never answers, or cuts the connection', async () => {
    standIn.controls.fault({ kind: 'timeout', times: 1 })
    const leaving = new AbortController()
    const unanswered = fetchAccount(leaving.signal)
    unanswered.catch(() => undefined)
    await standIn.log.until(({ outcome }) => outcome === 'never_answered')
    leaving.abort()
    await expect(unanswered).rejects.toThrow('aborted')
    standIn.controls.fault({ kind: 'reset', times: 1 })
    await expect(fetchAccount()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect(standIn.log.entries().at(-1)).toMatchObject({ outcome: 'reset' })
    expect((await fetchAccount()).status).toBe(200)
  })

  it('can come after the call took effect', async () => {
    const body = { ...order, client_order_id: 'lost' }
    standIn.controls.fault({ kind: 'reset', method: 'POST', takesEffect: true, times: 1 })
    await expect(client.send('POST', '/v2/orders', body)).rejects.toThrow('fetch failed')
    const found = await client.send('GET', '/v2/orders:by_client_order_id?client_order_id=lost')
    expect(found.json).toMatchObject({ client_order_id: 'lost', status: 'new' })
    standIn.controls.fault({ kind: 'server_error', method: 'POST', times: 1 })
    expect((await client.refused('POST', '/v2/orders', { ...body, client_order_id: 'never' })).status).toBe(
      500,
    )
    const missing = await client.refused('GET', '/v2/orders:by_client_order_id?client_order_id=never')
    expect(missing.status).toBe(404)
  })
})

describe('faults on the way of an answer', () => {
  it('cut JSON in the middle, with a length that fits or one that does not', async () => {
    const whole = JSON.stringify(await client.account())
    standIn.controls.fault({ kind: 'truncated', times: 1 })
    const truncated = await fetchAccount()
    expect(truncated.status).toBe(200)
    expect(await truncated.text()).toBe(whole.slice(0, whole.length / 2))
    standIn.controls.fault({ kind: 'cut', times: 1 })
    const cut = await fetchAccount()
    await expect(cut.text()).rejects.toThrow('terminated')
  })

  it('send byte by byte, or late, and then the whole answer', async () => {
    const account = await client.account()
    standIn.controls.fault({ kind: 'drip', delayMs: 0, times: 1 })
    expect(await (await fetchAccount()).json()).toEqual(account)
    standIn.controls.fault({ kind: 'latency', delayMs: 40, times: 1 })
    const startedMs = performance.now()
    expect(await (await fetchAccount()).json()).toEqual(account)
    expect(performance.now() - startedMs).toBeGreaterThan(35)
  })
})

describe('a fault', () => {
  it.each<[string, Omit<FaultOrder, 'kind'>, boolean]>([
    ['its route', { route: '/v2/account' }, true],
    ['another route', { route: '/v2/orders/{id}' }, false],
    ['its key', { keyId: KEY.keyId }, true],
    ['another key', { keyId: 'PKFAKEOTHER' }, false],
    ['its environment', { environment: 'paper' }, true],
    ['another environment', { environment: 'live' }, false],
    ['another method', { method: 'POST' }, false],
  ])('that is for %s hits that alone', async (_, scope, isHit) => {
    standIn.controls.fault({ kind: 'server_error', ...scope })
    expect((await client.send('GET', '/v2/account')).status).toBe(isHit ? 500 : 200)
  })

  it('ends after its times or when it is cleared, and shows no key', async () => {
    standIn.controls.fault({ kind: 'server_error', times: 2, keyId: KEY.keyId })
    const statuses = [await client.send('GET', '/v2/clock'), await client.send('GET', '/v2/clock')]
    expect(statuses.map(({ status }) => status)).toEqual([500, 500])
    expect((await client.send('GET', '/v2/clock')).status).toBe(200)
    standIn.controls.fault({ kind: 'server_error', keyId: KEY.keyId })
    const listed = await (await fetch(`${standIn.paper.url}/_stand-in/faults`)).text()
    expect(listed).toContain('"keyFingerprint":"')
    expect(listed).not.toContain('PKFAKE')
    standIn.controls.clearFaults({})
    expect((await client.send('GET', '/v2/clock')).status).toBe(200)
  })

  it('hits orders by their route, whatever their id', async () => {
    standIn.controls.fault({ kind: 'not_found', route: '/v2/orders/{id}', method: 'DELETE' })
    const { id } = await client.place(order)
    expect((await client.refused('DELETE', `/v2/orders/${id}`)).message).toBe('resource not found')
    expect((await client.order(id)).status).toBe('new')
  })
})

it('answers on loopback only', async () => {
  const outside = await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.2', port: standIn.paper.port })
    socket.on('connect', () => resolve('connected')).on('error', () => resolve('refused'))
  })
  expect(outside).toBe('refused')
})
