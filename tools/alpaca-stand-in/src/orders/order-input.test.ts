import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { type Client, createClient } from '../testing/client.ts'

let standIn: StandIn
let client: Client
beforeAll(async () => {
  standIn = await startStandIn()
  standIn.controls.settings({ requestsPerMinute: 10_000 })
  client = createClient(standIn, { keyId: 'PKFAKEINPUT' })
})
afterAll(() => standIn.dispose())

const key = { environment: 'paper', keyId: 'PKFAKEINPUT' } as const
const order = { symbol: 'F', qty: '1', side: 'buy', type: 'limit', limit_price: '1', time_in_force: 'day' }
const bare = { symbol: 'F', qty: '1', side: 'buy', type: 'market', time_in_force: 'day' }

describe('bad orders', () => {
  it.each([
    ['no body fields', {}],
    ['an array', []],
    ['an unknown symbol', { ...order, symbol: 'NOSUCH' }],
    ['no symbol', { ...order, symbol: '' }],
    ['an unknown side', { ...order, side: 'hold' }],
    ['an unknown type', { ...order, type: 'wish' }],
    ['an unknown time in force', { ...order, time_in_force: 'soon' }],
    ['qty and notional', { ...bare, notional: '5' }],
    ['neither qty nor notional', { ...bare, qty: null }],
    ['a notional limit order', { ...order, qty: null, notional: '5' }],
    ['a negative qty', { ...order, qty: '-1' }],
    ['a qty that is no number', { ...order, qty: 'many' }],
    ['a limit order without limit', { ...order, limit_price: null }],
    ['a market order with limit', { ...order, type: 'market' }],
    ['a negative limit', { ...order, limit_price: '-1' }],
    ['a stop order without stop', { ...bare, type: 'stop' }],
    ['both trails', { ...bare, type: 'trailing_stop', trail_price: '1', trail_percent: '1' }],
    ['a market order in extended hours', { ...bare, extended_hours: true }],
    ['crypto for the day', { ...bare, symbol: 'BTC/USD' }],
    ['an option till cancelled', { ...order, symbol: 'AAPL271217C00250000', time_in_force: 'gtc' }],
    ['a bracket without its legs', { ...order, order_class: 'bracket' }],
    ['a client order id of 129 characters', { ...order, client_order_id: 'x'.repeat(129) }],
    ['an order for the opening at half past ten', { ...order, time_in_force: 'opg' }],
  ])('refuses %s and keeps nothing', async (_, body) => {
    const before = await client.orders('status=all')
    expect(await client.refused('POST', '/v2/orders', body)).toMatchObject({ status: 422, code: 40010001 })
    expect(await client.orders('status=all')).toEqual(before)
  })

  it('refuses a client order id that was used before', async () => {
    const placed = await client.place({ ...order, client_order_id: 'mine' })
    expect(await client.refused('POST', '/v2/orders', { ...order, client_order_id: 'mine' })).toEqual({
      ...{ status: 422, code: 40010001, message: 'client_order_id must be unique' },
    })
    await client.send('DELETE', `/v2/orders/${placed.id}`)
    expect((await client.refused('POST', '/v2/orders', { ...order, client_order_id: 'mine' })).status).toBe(
      422,
    )
    const found = await client.send('GET', '/v2/orders:by_client_order_id?client_order_id=mine')
    expect(found.json).toMatchObject({ id: placed.id, client_order_id: 'mine' })
    expect((await client.refused('GET', '/v2/orders:by_client_order_id?client_order_id=x')).status).toBe(404)
    expect((await client.refused('GET', '/v2/orders:by_client_order_id')).status).toBe(422)
  })

  it('places one of twenty orders with the same client order id', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        client.send('POST', '/v2/orders', { ...order, client_order_id: 'race' }),
      ),
    )
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 422)).toHaveLength(19)
  })

  it('takes JSON numbers as well as texts', async () => {
    expect(await client.place({ ...order, qty: 2, limit_price: 1.25 })).toMatchObject({
      qty: '2',
      limit_price: '1.25',
    })
  })
})

describe('orders an account cannot place', () => {
  it('names the buying power and the cost', async () => {
    const { effective_buying_power } = await client.account()
    const { status, json } = await client.send('POST', '/v2/orders', { ...order, qty: '1000000' })
    expect(status).toBe(403)
    expect(json).toEqual({
      ...{ code: 40310000, message: 'insufficient buying power' },
      ...{ buying_power: effective_buying_power, cost_basis: '1000000' },
    })
  })

  it('names what is held and what is held back for other orders', async () => {
    standIn.controls.price({ symbol: 'F', price: '10' })
    await client.place({ ...bare, qty: '5' })
    const { qty } = await client.position('F')
    const resting = await client.place({ ...order, side: 'sell', qty, limit_price: '90' })
    expect((await client.position('F')).qty_available).toBe('0')
    const { status, json } = await client.send('POST', '/v2/orders', { ...bare, side: 'sell' })
    expect(status).toBe(403)
    expect(json).toMatchObject({
      ...{ code: 40310000, available: '0', existing_qty: qty, held_for_orders: qty, symbol: 'F' },
      message: 'insufficient qty available for order (requested: 1, available: 0)',
      related_orders: expect.arrayContaining([resting.id]),
    })
  })

  it('refuses orders of accounts that may not trade', async () => {
    standIn.controls.account({ ...key, standing: 'suspended' })
    expect(await client.refused('POST', '/v2/orders', bare)).toEqual({
      ...{ status: 403, code: 40310000, message: 'new orders are rejected by user request' },
    })
    for (const standing of ['blocked', 'trading_blocked', 'onboarding', 'rejected']) {
      standIn.controls.account({ ...key, standing })
      expect(await client.refused('POST', '/v2/orders', bare)).toMatchObject({ status: 403, code: 40310000 })
    }
    standIn.controls.account({ ...key, standing: 'ok' })
    await client.place({ ...bare, symbol: 'KO' })
  })
})
