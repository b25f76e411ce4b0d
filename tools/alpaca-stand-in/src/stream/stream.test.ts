import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type StandIn, startStandIn } from '../index.ts'
import { type Client, checked, createClient } from '../testing/client.ts'
import { TradeUpdate } from '../testing/schemas.ts'
import { openStream } from '../testing/stream-client.ts'

type Stream = Awaited<ReturnType<typeof openStream>>

const order = { symbol: 'F', qty: '10', side: 'buy', type: 'limit', limit_price: '1', time_in_force: 'day' }
const KEY = { environment: 'paper', keyId: 'PKFAKESTREAM' } as const

let standIn: StandIn
let client: Client
let stream: Stream
beforeAll(async () => {
  standIn = await startStandIn()
  client = createClient(standIn, KEY)
})
afterAll(() => standIn.dispose())
beforeEach(async () => {
  standIn.controls.reset({})
  stream = await openStream(standIn.paper.streamUrl)
})
afterEach(() => stream.close())

const authorization = (status: string, action: string) => ({
  stream: 'authorization',
  data: { status, action },
})
const update = async (from: Stream = stream) => checked(TradeUpdate, (await from.next()).message).data

describe('the way in', () => {
  it('is auth, then listen with the whole list', async () => {
    const auth = { action: 'auth', key: KEY.keyId, secret: 'fake-secret-1' }
    expect(await stream.ask(auth)).toEqual(authorization('authorized', 'authenticate'))
    const listen = { action: 'listen', data: { streams: ['trade_updates', 'unknown'] } }
    expect(await stream.ask(listen)).toEqual({ stream: 'listening', data: { streams: ['trade_updates'] } })
    const none = await stream.ask({ action: 'listen', data: { streams: [] } })
    expect(none).toEqual({ stream: 'listening', data: { streams: [] } })
    await client.place(order)
    await stream.ask(auth)
    expect(stream.waiting).toEqual([])
  })

  it('refuses to listen before auth, and wrong keys', async () => {
    const listen = { action: 'listen', data: { streams: ['trade_updates'] } }
    expect(await stream.ask(listen)).toEqual(authorization('unauthorized', 'listen'))
    for (const key of ['AKFAKE1', 'PKREAL', '']) {
      const reply = await stream.ask({ action: 'auth', key, secret: 'fake-secret-1' })
      expect(reply).toEqual(authorization('unauthorized', 'authenticate'))
    }
    standIn.controls.key({ ...KEY, action: 'revoke' })
    const reply = await stream.ask({ action: 'auth', key: KEY.keyId, secret: 'fake-secret-1' })
    expect(reply).toEqual(authorization('unauthorized', 'authenticate'))
    expect(await stream.ask(listen)).toEqual(authorization('unauthorized', 'listen'))
  })

  it.each(['no JSON', '"text"', '{"action":"dance"}'])('ends after %s', async (message) => {
    expect(await stream.ask(message)).toMatchObject({
      action: 'error',
      data: { error_message: expect.any(String) },
    })
    await stream.closed
  })

  it('is logged without a key', async () => {
    await stream.ask({ action: 'auth', key: KEY.keyId, secret: 'fake-secret-1' })
    expect(standIn.log.entries()).toMatchObject([
      { method: 'STREAM', path: '/stream', environment: 'paper', hasSecret: true, outcome: 'authorized' },
    ])
    expect(JSON.stringify(standIn.log.entries())).not.toMatch(/FAKE|fake-secret/)
  })

  it('is /stream alone, and faults can stand before it', async () => {
    const refusal = (url: string) =>
      new Promise((resolve) => new WebSocket(url).on('error', ({ message }) => resolve(message)))
    expect(await refusal(`ws://127.0.0.1:${standIn.paper.port}/other`)).toContain('404')
    standIn.controls.fault({ kind: 'html', route: '/stream', times: 1 })
    expect(await refusal(standIn.paper.streamUrl)).toContain('502')
    standIn.controls.fault({ kind: 'reset', route: '/stream', times: 1 })
    expect(await refusal(standIn.paper.streamUrl)).toContain('socket hang up')
  })
})

describe('frames', () => {
  it('are binary on paper and text on live, JSON on both', async () => {
    const live = await openStream(standIn.live.streamUrl)
    live.socket.send(JSON.stringify({ action: 'auth', key: 'AKFAKE1', secret: 'fake-secret-1' }))
    stream.socket.send(
      Buffer.from(JSON.stringify({ action: 'auth', key: 'PKFAKE1', secret: 'fake-secret-1' })),
    )
    const message = authorization('authorized', 'authenticate')
    expect(await live.next()).toEqual({ isBinary: false, message })
    expect(await stream.next()).toEqual({ isBinary: true, message })
    live.close()
  })

  it('carry unknown fields when those are wanted', async () => {
    standIn.controls.settings({ areUnknownFieldsAdded: true })
    const reply = await stream.ask({ action: 'listen', data: {} })
    expect(reply).toMatchObject({ unknown_text: 'new', data: { unknown_text: 'new' } })
  })
})

describe('trade updates', () => {
  beforeEach(() => stream.join(KEY.keyId))

  it('tell an order from its first moment to its fills, as the books have it', async () => {
    const { id } = await client.place(order)
    expect(await update()).toMatchObject({ event: 'new', order: { id, status: 'new' } })
    standIn.controls.fill({ ...KEY, orderId: id, qty: '4', price: '0.9' })
    const partial = await update()
    expect(partial).toMatchObject({
      event: 'partial_fill',
      price: '0.9',
      qty: '4',
      order: { filled_qty: '4' },
    })
    expect(partial.position_qty).toBe((await client.position('F')).qty)
    standIn.controls.fill({ ...KEY, orderId: id })
    const last = await update()
    expect(last).toMatchObject({ event: 'fill', qty: '6', order: { status: 'filled', filled_qty: '10' } })
    expect(last.order).toEqual(await client.order(id))
    expect(last.event_id).not.toBe(partial.event_id)
  })

  it('tell cancels, replacements, ends and lost races', async () => {
    const first = await client.place(order)
    await client.send('PATCH', `/v2/orders/${first.id}`, { qty: '2' })
    expect([(await update()).event, (await update()).event, (await update()).event]).toEqual([
      'new',
      'replaced',
      'new',
    ])
    standIn.controls.race({ ...KEY, cancel: 'fill_follows' })
    const [open] = await client.orders('symbols=F')
    await client.send('DELETE', `/v2/orders/${open?.id}`)
    const race = [(await update()).event, (await update()).event, (await update()).event]
    expect(race).toEqual(['pending_cancel', 'fill', 'order_cancel_rejected'])
    await client.place(order)
    standIn.controls.clock({ advanceMs: 86_400_000 })
    expect([(await update()).event, (await update()).event]).toEqual(['new', 'expired'])
  })

  it('reach the key they belong to, on every connection of it', async () => {
    const [second, other] = await Promise.all([1, 2].map(() => openStream(standIn.paper.streamUrl)))
    await second?.join(KEY.keyId)
    await other?.join('PKFAKEOTHER')
    await client.place(order)
    expect(await update()).toEqual(second && (await update(second)))
    await other?.ask({ action: 'listen', data: { streams: [] } })
    expect(other?.waiting).toEqual([])
    for (const one of [second, other]) one?.close()
  })

  it('come twice when duplicated', async () => {
    standIn.controls.stream({ environment: 'paper', delivery: 'duplicate' })
    await client.place(order)
    expect(await update()).toEqual(await update())
  })

  it('come late, and in the wrong order, when held back', async () => {
    standIn.controls.stream({ environment: 'paper', delivery: 'hold' })
    const { id } = await client.place(order)
    standIn.controls.fill({ ...KEY, orderId: id, qty: '4' })
    standIn.controls.fill({ ...KEY, orderId: id })
    expect(stream.waiting).toEqual([])
    expect(standIn.controls.release({ environment: 'paper', isReversed: true })).toEqual({ released: 3 })
    const events = [await update(), await update(), await update()].map(({ event }) => event)
    expect(events).toEqual(['fill', 'partial_fill', 'new'])
    await client.place(order)
    expect(standIn.controls.release({ environment: 'paper' })).toEqual({ released: 1 })
    expect((await update()).event).toBe('new')
  })

  it('can be made up, such as one nobody documented', async () => {
    standIn.controls.event({ ...KEY, event: { event: 'brand_new' } })
    expect((await stream.next()).message).toEqual({ stream: 'trade_updates', data: { event: 'brand_new' } })
  })

  it('end when the connection is dropped or fails', async () => {
    const other = await openStream(standIn.paper.streamUrl)
    await other.join('PKFAKEOTHER')
    expect(standIn.controls.drop({ environment: 'paper', keyId: KEY.keyId })).toEqual({ dropped: 1 })
    expect((await stream.closed)[0]).toBe(1006)
    standIn.controls.streamError({ environment: 'paper', message: 'slow client' })
    expect((await other.next()).message).toEqual({ action: 'error', data: { error_message: 'slow client' } })
    await other.closed
  })
})
