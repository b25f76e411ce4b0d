import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { type Client, createClient } from '../testing/client.ts'

const KEY = { environment: 'paper', keyId: 'PKFAKECALLS' } as const
const order = { symbol: 'F', qty: '1', side: 'buy', type: 'limit', limit_price: '1', time_in_force: 'day' }

let standIn: StandIn
let client: Client
beforeAll(async () => {
  standIn = await startStandIn()
  client = createClient(standIn, KEY)
})
afterAll(() => standIn.dispose())
beforeEach(() => {
  standIn.controls.reset({})
  standIn.controls.clock({ now: '2026-06-15T14:30:00Z' })
})

const raw = (headers: Record<string, string>, path = '/v2/account') =>
  fetch(`${standIn.paper.url}${path}`, { headers })

describe('keys', () => {
  const unauthorized = { status: 401, code: 40110000, message: 'request is not authorized' }

  it.each([
    ['a live key on paper', { keyId: 'AKFAKE1' }],
    ['a paper key on live', { keyId: 'PKFAKE1', environment: 'live' as const }],
    ['a key that could be real', { keyId: 'PKQ3TZ7W0XL5M8N2R4VA' }],
    ['a secret without the marker', { keyId: 'PKFAKE1', secret: 'secret-1' }],
  ])('answers 401 for %s', async (_, key) => {
    expect(await createClient(standIn, key).refused('GET', '/v2/account')).toEqual(unauthorized)
  })

  it('answers 403 when a header is missing, whatever the path', async () => {
    const id = { 'APCA-API-KEY-ID': 'PKFAKE1' }
    const secret = { 'APCA-API-SECRET-KEY': 'fake-secret-1' }
    for (const headers of [{}, id, secret, { ...id, 'APCA-API-SECRET': 'fake-secret-1' }]) {
      const response = await raw(headers)
      expect(response.status).toBe(403)
      expect(await response.json()).toEqual({ message: 'forbidden.' })
    }
    expect((await raw({}, '/v2/nothing')).status).toBe(403)
  })

  it('are let in and out as they are registered, revoked and restored', async () => {
    expect((await client.send('GET', '/v2/account')).status).toBe(200)
    standIn.controls.key({ ...KEY, action: 'revoke' })
    expect(await client.refused('GET', '/v2/account')).toEqual(unauthorized)
    standIn.controls.key({ ...KEY, action: 'restore' })
    expect((await client.send('GET', '/v2/account')).status).toBe(200)
    standIn.controls.key({ ...KEY, action: 'register', secret: 'fake-secret-2' })
    expect((await client.send('GET', '/v2/account')).status).toBe(401)
    const rotated = createClient(standIn, { ...KEY, secret: 'fake-secret-2' })
    expect((await rotated.send('GET', '/v2/account')).status).toBe(200)
  })
})

describe('paths', () => {
  it('that are not there answer 404, also with broken escapes', async () => {
    for (const path of ['/', '/v2/nothing', '/v1/account', '/v2/orders/a/b', '/v2/positions/%zz']) {
      expect((await client.refused('GET', path)).status).toBe(404)
    }
    expect((await client.refused('PUT', '/v2/account', {})).status).toBe(404)
  })

  it('refuse bodies that are no JSON or too large', async () => {
    const post = (body: string) =>
      fetch(`${standIn.paper.url}/v2/orders`, {
        ...{ method: 'POST', body },
        headers: { 'APCA-API-KEY-ID': KEY.keyId, 'APCA-API-SECRET-KEY': 'fake-secret-1' },
      })
    expect((await post('{')).status).toBe(422)
    expect((await post('x'.repeat(70_000))).status).toBe(413)
  })
})

describe('the rate limit', () => {
  it('takes 200 calls of a key at once, then says when to come back', async () => {
    const all = await Promise.all(Array.from({ length: 201 }, () => client.send('GET', '/v2/clock')))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(200)
    const late = await client.send('GET', '/v2/clock')
    expect(late).toMatchObject({ status: 429, json: { message: 'too many requests.' } })
    expect(late.headers.get('X-RateLimit-Limit')).toBe('200')
    expect(late.headers.get('X-RateLimit-Remaining')).toBe('0')
    expect(late.headers.get('X-RateLimit-Reset')).toBe(String(Date.parse('2026-06-15T14:31:00Z') / 1000))
    const other = createClient(standIn, { keyId: 'PKFAKEOTHER' })
    expect((await other.send('GET', '/v2/clock')).headers.get('X-RateLimit-Remaining')).toBe('199')
  })

  it('refills evenly with the clock', async () => {
    standIn.controls.settings({ requestsPerMinute: 2 })
    const statuses = async () => [
      (await client.send('GET', '/v2/clock')).status,
      (await client.send('GET', '/v2/clock')).status,
    ]
    expect(await statuses()).toEqual([200, 200])
    expect(await statuses()).toEqual([429, 429])
    standIn.controls.clock({ advanceMs: 30_000 })
    expect(await statuses()).toEqual([200, 429])
    standIn.controls.clock({ advanceMs: 60_000 })
    expect(await statuses()).toEqual([200, 200])
  })
})

describe('the log', () => {
  it('tells whose key reached which environment, and holds no key', async () => {
    await client.send('POST', '/v2/orders?note=x', order)
    await raw({ 'APCA-API-KEY-ID': 'AKFAKEWRONG', 'APCA-API-SECRET-KEY': 'fake-secret-wrong' })
    await raw({})
    const [first, second, third] = standIn.log.entries()
    expect(first).toMatchObject({
      ...{
        at: '2026-06-15T14:30:00.000Z',
        environment: 'paper',
        method: 'POST',
        path: '/v2/orders',
      },
      ...{ query: ['note'], hasKeyId: true, hasSecret: true, keySeenIn: [], fault: null, outcome: 200 },
      keyFingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
    })
    expect(first?.headers).toEqual(expect.arrayContaining(['apca-api-key-id', 'apca-api-secret-key']))
    expect(second).toMatchObject({ outcome: 401, hasKeyId: true })
    expect(second?.keyFingerprint).not.toBe(first?.keyFingerprint)
    expect(third).toMatchObject({ outcome: 403, hasKeyId: false, hasSecret: false, keyFingerprint: null })
    expect(JSON.stringify(standIn.log.entries())).not.toMatch(/FAKE|fake-secret/)
  })

  it('shows where a key stood that should not have, without showing it', async () => {
    const headers = {
      'APCA-API-KEY-ID': 'PKREALLOOKING',
      'APCA-API-SECRET-KEY': 'abc/123',
      referer: 'https://example.org/PKREALLOOKING',
    }
    await raw(headers, '/v2/orders/PKREALLOOKING?secret=abc%2F123&PKFAKE2=1')
    await client.send('POST', '/v2/orders', { ...order, client_order_id: 'fake-secret-1' })
    const [first, second] = standIn.log.entries()
    expect(first?.keySeenIn).toEqual(['path', 'query', 'header referer'])
    expect(first).toMatchObject({ path: '/v2/orders/[key]', query: ['secret', '[key]'] })
    expect(second?.keySeenIn).toEqual(['body'])
    expect(JSON.stringify(standIn.log.entries())).not.toMatch(/PKREALLOOKING|abc.123|PKFAKE/)
  })
})

describe('unknown fields', () => {
  it('are added to every object when wanted, and change nothing that is known', async () => {
    const [account, orders] = [await client.account(), await client.orders('status=all')]
    standIn.controls.settings({ areUnknownFieldsAdded: true })
    const changed = await client.send('GET', '/v2/account')
    expect(changed.json).toEqual({ ...account, unknown_text: 'new', unknown_object: { nested: [1, null] } })
    const changedOrders = await client.send('GET', '/v2/orders?status=all')
    expect(changedOrders.json).toMatchObject(orders.map((one) => ({ ...one, unknown_text: 'new' })))
    expect((await client.send('GET', '/v2/positions/X')).json).toMatchObject({ unknown_text: 'new' })
  })
})
