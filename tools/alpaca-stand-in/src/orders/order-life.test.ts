import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { decimal, formatDecimal } from '../market/decimal.ts'
import { type Client, checked, createClient } from '../testing/client.ts'
import { Cancels, Closings, Order, Orders } from '../testing/schemas.ts'

const NOW = '2026-06-15T14:30:00Z'
const market = { symbol: 'F', side: 'buy', type: 'market', time_in_force: 'day' }
const limit = { ...market, type: 'limit', qty: '10', limit_price: '5' }

let standIn: StandIn
let client: Client
let count = 0
beforeAll(async () => {
  standIn = await startStandIn()
})
afterAll(() => standIn.dispose())
beforeEach(() => {
  standIn.controls.reset({})
  standIn.controls.clock({ now: NOW })
  standIn.controls.price({ symbol: 'F', price: '10' })
  count += 1
  client = createClient(standIn, { keyId: `PKFAKELIFE${count}` })
})

const key = () => ({ environment: 'paper', keyId: client.keyId }) as const

describe('a market order', () => {
  it('answers as pending, is filled at the price, and moves cash, position and equity together', async () => {
    const before = await client.account()
    const held = (await client.positions()).find(({ symbol }) => symbol === 'F')?.qty ?? '0'
    const placed = await client.place({ ...market, qty: '7' })
    expect(placed).toMatchObject({ status: 'pending_new', filled_qty: '0', filled_avg_price: null, qty: '7' })
    expect(await client.order(placed.id)).toMatchObject({
      ...{
        status: 'filled',
        filled_qty: '7',
        filled_avg_price: '10',
        filled_at: new Date(NOW).toISOString(),
      },
    })
    const after = await client.account()
    expect(formatDecimal(decimal(before.cash) - decimal(after.cash))).toBe('70')
    expect(after.equity).toBe(before.equity)
    expect((await client.position('F')).qty).toBe(formatDecimal(decimal(held) + decimal('7')))
  })

  it('buys for an amount of money, to nine places', async () => {
    standIn.controls.price({ symbol: 'F', price: '3' })
    const { id } = await client.place({ ...market, notional: '10' })
    expect(await client.order(id)).toMatchObject({ qty: null, notional: '10', filled_qty: '3.333333333' })
  })

  it('waits for the market to open', async () => {
    standIn.controls.clock({ now: '2026-06-13T12:00:00Z' })
    const { id } = await client.place({ ...market, qty: '1' })
    expect((await client.order(id)).status).toBe('accepted')
    standIn.controls.clock({ now: '2026-06-15T13:30:00Z' })
    expect((await client.order(id)).status).toBe('filled')
  })

  it('sells short from nothing and is bought back', async () => {
    const shortable = await keyWith(({ shorting_enabled }) => shorting_enabled)
    standIn.controls.price({ symbol: 'KO', price: '10' })
    for (const { symbol, qty } of await shortable.positions()) {
      if (symbol === 'KO') await shortable.send('DELETE', `/v2/positions/KO?qty=${qty}`)
    }
    await shortable.place({ ...market, symbol: 'KO', side: 'sell', qty: '3' })
    expect(await shortable.position('KO')).toMatchObject({
      ...{ qty: '-3', side: 'short', market_value: '-30', cost_basis: '-30', avg_entry_price: '10' },
    })
    standIn.controls.price({ symbol: 'KO', price: '12' })
    expect(await shortable.position('KO')).toMatchObject({ unrealized_pl: '-6', unrealized_plpc: '-0.2' })
    await shortable.place({ ...market, symbol: 'KO', qty: '3' })
    expect((await shortable.refused('GET', '/v2/positions/KO')).status).toBe(404)
  })
})

describe('an order with a price', () => {
  it('waits until its limit is reached', async () => {
    const { id } = await client.place(limit)
    expect((await client.order(id)).status).toBe('new')
    standIn.controls.price({ symbol: 'F', price: '4.99' })
    expect(await client.order(id)).toMatchObject({ status: 'filled', filled_avg_price: '4.99' })
  })

  it.each([
    [{ side: 'buy', type: 'stop', stop_price: '11' }, '11.5'],
    [{ side: 'buy', type: 'stop_limit', stop_price: '11', limit_price: '12' }, '11.5'],
    [{ side: 'buy', type: 'trailing_stop', trail_price: '1' }, '11'],
    [{ side: 'buy', type: 'trailing_stop', trail_percent: '10' }, '11'],
  ])('starts at its stop: %o', async (terms, price) => {
    const { id } = await client.place({ ...market, ...terms, qty: '1' })
    expect((await client.order(id)).status).toBe('new')
    standIn.controls.price({ symbol: 'F', price })
    expect((await client.order(id)).status).toBe('filled')
  })

  it('follows the highest price with a trailing stop', async () => {
    await client.place({ ...market, qty: '5' })
    const { id } = await client.place({
      ...market,
      side: 'sell',
      type: 'trailing_stop',
      trail_price: '1',
      qty: '5',
    })
    standIn.controls.price({ symbol: 'F', price: '20' })
    expect(await client.order(id)).toMatchObject({ status: 'new', hwm: '20' })
    standIn.controls.price({ symbol: 'F', price: '19' })
    expect((await client.order(id)).status).toBe('filled')
  })

  it('expires with its day, and stays when it is good till cancelled', async () => {
    const day = await client.place(limit)
    const gtc = await client.place({ ...limit, time_in_force: 'gtc' })
    standIn.controls.clock({ now: '2026-06-16T14:30:00Z' })
    expect(await client.order(day.id)).toMatchObject({ status: 'expired', filled_qty: '0' })
    expect((await client.order(gtc.id)).status).toBe('new')
  })

  it('does not wait when it is immediate or cancel', async () => {
    const { id } = await client.place({ ...limit, time_in_force: 'ioc' })
    expect((await client.order(id)).status).toBe('canceled')
  })
})

describe('partial fills', () => {
  it('are booked one by one and averaged', async () => {
    standIn.controls.settings({ fills: 'manual' })
    const { cash } = await client.account()
    const { id } = await client.place({ ...limit, limit_price: '12' })
    standIn.controls.fill({ ...key(), orderId: id, qty: '4', price: '10' })
    expect(await client.order(id)).toMatchObject({
      status: 'partially_filled',
      filled_qty: '4',
      filled_at: null,
    })
    standIn.controls.fill({ ...key(), orderId: id, price: '11' })
    expect(await client.order(id)).toMatchObject({
      status: 'filled',
      filled_qty: '10',
      filled_avg_price: '10.6',
    })
    expect(formatDecimal(decimal(cash) - decimal((await client.account()).cash))).toBe('106')
    expect(() => standIn.controls.fill({ ...key(), orderId: id })).toThrow('nothing is left')
  })

  it('stay when the rest is cancelled', async () => {
    const { id } = await client.place(limit)
    standIn.controls.fill({ ...key(), orderId: id, qty: '4' })
    expect((await client.send('DELETE', `/v2/orders/${id}`)).status).toBe(204)
    expect(await client.order(id)).toMatchObject({ status: 'canceled', filled_qty: '4' })
    expect((await client.refused('DELETE', `/v2/orders/${id}`)).message).toBe(
      'order is already in "canceled" state',
    )
  })
})

describe('a cancel', () => {
  it('ends an open order once', async () => {
    const { id } = await client.place(limit)
    expect(await client.send('DELETE', `/v2/orders/${id}`)).toMatchObject({ status: 204, json: null })
    expect(await client.order(id)).toMatchObject({
      status: 'canceled',
      canceled_at: new Date(NOW).toISOString(),
    })
    expect(await client.refused('DELETE', `/v2/orders/${id}`)).toMatchObject({ status: 422, code: 42210000 })
    expect(await client.refused('DELETE', '/v2/orders/nobody')).toMatchObject({ status: 404 })
  })

  it('comes too late when the fill wins', async () => {
    const { id } = await client.place(limit)
    standIn.controls.race({ ...key(), cancel: 'fill_wins' })
    expect(await client.refused('DELETE', `/v2/orders/${id}`)).toMatchObject({
      ...{ status: 422, message: 'order is already in "filled" state' },
    })
  })

  it('is accepted and still loses when the fill follows', async () => {
    const { id } = await client.place(limit)
    standIn.controls.race({ ...key(), cancel: 'fill_follows' })
    expect((await client.send('DELETE', `/v2/orders/${id}`)).status).toBe(204)
    expect((await client.order(id)).status).toBe('filled')
  })

  it('can stay pending, and is finished on demand', async () => {
    const { id } = await client.place(limit)
    standIn.controls.race({ ...key(), cancel: 'stays_pending' })
    await client.send('DELETE', `/v2/orders/${id}`)
    expect((await client.order(id)).status).toBe('pending_cancel')
    expect((await client.refused('PATCH', `/v2/orders/${id}`, { qty: '2' })).status).toBe(422)
    standIn.controls.finish({ ...key(), orderId: id })
    expect((await client.order(id)).status).toBe('canceled')
  })

  it('of everything answers 207 with a status for each', async () => {
    const placed = [await client.place(limit), await client.place(limit)]
    standIn.controls.race({ ...key(), cancel: 'fill_wins' })
    const { status, json } = await client.send('DELETE', '/v2/orders')
    expect(status).toBe(207)
    const cancels = checked(Cancels, json)
    expect(cancels.map((one) => one.status)).toEqual([422, 200, 200])
    expect(cancels.map((one) => one.id)).toEqual(expect.arrayContaining(placed.map(({ id }) => id)))
    expect(await client.orders()).toEqual([])
  })
})

describe('a replacement', () => {
  it('is a new order that takes over what was left', async () => {
    const old = await client.place({ ...limit, time_in_force: 'gtc' })
    standIn.controls.fill({ ...key(), orderId: old.id, qty: '4' })
    const { status, json } = await client.send('PATCH', `/v2/orders/${old.id}`, { limit_price: '6' })
    expect(status).toBe(200)
    const next = checked(Order, json)
    expect(next).toMatchObject({ replaces: old.id, limit_price: '6', qty: '6', filled_qty: '0' })
    expect(await client.order(old.id)).toMatchObject({
      status: 'replaced',
      replaced_by: next.id,
      filled_qty: '4',
    })
    expect((await client.order(next.id)).status).toBe('new')
    expect(await client.refused('PATCH', `/v2/orders/${old.id}`, { qty: '1' })).toMatchObject({ status: 422 })
  })

  it('comes too late when the fill wins, and is rejected when it follows', async () => {
    const [first, second] = [await client.place(limit), await client.place(limit)]
    standIn.controls.race({ ...key(), replace: 'fill_wins' })
    expect((await client.refused('PATCH', `/v2/orders/${first.id}`, { limit_price: '6' })).status).toBe(422)
    standIn.controls.race({ ...key(), replace: 'fill_follows' })
    const { json } = await client.send('PATCH', `/v2/orders/${second.id}`, { limit_price: '6' })
    expect(await client.order(checked(Order, json).id)).toMatchObject({ status: 'rejected' })
    expect(await client.order(second.id)).toMatchObject({ status: 'filled', replaced_by: null })
  })

  it('can stay pending, and is finished on demand', async () => {
    const old = await client.place(limit)
    standIn.controls.race({ ...key(), replace: 'stays_pending' })
    const next = checked(
      Order,
      (await client.send('PATCH', `/v2/orders/${old.id}`, { limit_price: '6' })).json,
    )
    expect((await client.order(old.id)).status).toBe('pending_replace')
    expect((await client.order(next.id)).status).toBe('accepted')
    expect((await client.refused('PATCH', `/v2/orders/${next.id}`, { qty: '1' })).status).toBe(422)
    standIn.controls.finish({ ...key(), orderId: old.id })
    expect((await client.order(old.id)).status).toBe('replaced')
    expect((await client.order(next.id)).status).toBe('new')
  })
})

describe('orders behind an order', () => {
  const bracket = {
    ...{ ...limit, order_class: 'bracket' },
    ...{ take_profit: { limit_price: '15' }, stop_loss: { stop_price: '4', limit_price: '3.5' } },
  }

  it('wait for it, and end each other', async () => {
    const placed = await client.place(bracket)
    expect(placed.legs?.map(({ type, side, status }) => [type, side, status])).toEqual([
      ['limit', 'sell', 'accepted'],
      ['stop_limit', 'sell', 'accepted'],
    ])
    const legs = async () =>
      (await client.order(`${placed.id}?nested=true`)).legs?.map(({ status }) => status)
    standIn.controls.price({ symbol: 'F', price: '5' })
    expect(await legs()).toEqual(['new', 'new'])
    standIn.controls.price({ symbol: 'F', price: '15' })
    expect(await legs()).toEqual(['filled', 'canceled'])
    const flat = checked(
      Orders,
      (await client.send('GET', '/v2/orders?status=all&symbols=F&nested=false')).json,
    )
    expect(flat.filter(({ order_class }) => order_class === 'bracket')).toHaveLength(3)
  })

  it('are cancelled with it', async () => {
    const { id } = await client.place(bracket)
    await client.send('DELETE', `/v2/orders/${id}`)
    expect((await client.order(`${id}?nested=true`)).legs?.map(({ status }) => status)).toEqual([
      'canceled',
      'canceled',
    ])
  })

  it('of several legs has no symbol of its own', async () => {
    const leg = { symbol: 'AAPL271217C00250000', side: 'buy', ratio_qty: '1', position_intent: 'buy_to_open' }
    const order = { order_class: 'mleg', qty: '1', type: 'limit', limit_price: '-0.50', time_in_force: 'day' }
    const placed = await client.place({ ...order, legs: [leg, { ...leg, side: 'sell' }] })
    expect(placed).toMatchObject({ symbol: '', asset_id: '', side: '', limit_price: '-0.5' })
    expect(placed.legs).toHaveLength(2)
    expect(await client.refused('POST', '/v2/orders', { ...order, legs: [leg] })).toMatchObject({
      status: 422,
    })
  })
})

describe('closing positions', () => {
  it('sells a part by quantity or percentage, or all of it', async () => {
    await client.place({ ...market, qty: '40' })
    const { qty } = await client.position('F')
    const closed = checked(Order, (await client.send('DELETE', '/v2/positions/F?percentage=50')).json)
    expect(formatDecimal(decimal(closed.qty ?? '0') * 2n)).toBe(qty)
    expect((await client.position('F')).qty).toBe(closed.qty)
    expect((await client.refused('DELETE', '/v2/positions/F?qty=1&percentage=1')).status).toBe(422)
    expect((await client.refused('DELETE', '/v2/positions/F?qty=1000000')).status).toBe(422)
    expect((await client.send('DELETE', '/v2/positions/F')).status).toBe(200)
    expect((await client.refused('DELETE', '/v2/positions/F')).status).toBe(404)
  })

  it('of everything answers 207 with an order or a refusal for each', async () => {
    await client.place({ ...market, qty: '10' })
    await client.place({ ...limit, side: 'sell', qty: '10', limit_price: '90' })
    const first = await client.send('DELETE', '/v2/positions')
    expect(first.status).toBe(207)
    const held = checked(Closings, first.json).find(({ symbol }) => symbol === 'F')
    expect(held).toMatchObject({ status: 403, body: { code: 40310000 } })
    const second = await client.send('DELETE', '/v2/positions?cancel_orders=true')
    expect(checked(Closings, second.json)).toMatchObject([{ symbol: 'F', status: 200 }])
    expect(await client.positions()).toEqual([])
    expect((await client.account()).cash).toBe((await client.account()).equity)
  })
})

async function keyWith(
  isRight: (account: Awaited<ReturnType<Client['account']>>) => boolean,
): Promise<Client> {
  for (let at = 0; at < 50; at += 1) {
    const candidate = createClient(standIn, { keyId: `PKFAKEWITH${at}` })
    if (isRight(await candidate.account())) return candidate
  }
  throw new Error('No key of fifty has such an account.')
}
