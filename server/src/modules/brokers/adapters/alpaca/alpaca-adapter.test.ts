import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alpacaAdapter } from './alpaca-adapter.ts'

const account = {
  ...{ cash: '1.10', equity: '-0.50', buying_power: '2.20', currency: 'USD' },
  ...{ trading_blocked: false, account_blocked: true, pattern_day_trader: true, daytrade_count: 3 },
}
const position = {
  ...{
    asset_id: 'a',
    symbol: 'AAPL',
    exchange: 'NASDAQ',
    asset_class: 'us_equity',
    side: 'long',
    qty: '1.5',
  },
  ...{ qty_available: null, current_price: '', market_value: '285.00' },
}
const order = { id: 'o', status: 'filled' }
const history = {
  ...{ timestamp: [1_780_000_000, 1_780_086_400], equity: [null, 100.1], profit_loss: [0, -0.1] },
  ...{ profit_loss_pct: [null, 1e-7], base_value: 100.2, timeframe: '1D' },
}
const curve = () => alpacaAdapter.history({})
const orders = () => alpacaAdapter.orders({ limit: 50 })
const text = (value: unknown) => JSON.stringify(value)

const decimalText = fc
  .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^\d{1,30}$/), fc.stringMatching(/^(\.\d{1,18})?$/))
  .map((parts) => parts.join(''))

describe('figures', () => {
  it('that come as texts leave as the same texts', () => {
    fc.assert(
      fc.property(decimalText, (figure) => {
        const figures = { cash: figure, equity: figure, buying_power: figure }
        const read = alpacaAdapter.account().parse(text({ ...account, ...figures }))
        expect([read?.balance, read?.equity, read?.buying_power]).toEqual([figure, figure, figure])
        const [held] = alpacaAdapter.positions().parse(text([{ ...position, unrealized_pl: figure }])) ?? []
        expect(held?.unrealized_pl).toBe(figure)
        const [placed] =
          orders().parse(text([{ ...order, limit_price: figure, legs: [{ ...order, qty: figure }] }])) ?? []
        expect([placed?.limit_price, placed?.legs?.[0]?.qty]).toEqual([figure, figure])
      }),
    )
  })

  it('that come as numbers leave digit for digit', () => {
    const sent =
      '{"timestamp":[1780000000],"equity":[100000.10],"profit_loss":[0.1000000000000000055511151231],"profit_loss_pct":[1e-05],"base_value":90071992547409931,"timeframe":"1D"}'
    expect(curve().parse(sent)).toMatchObject({
      equity: ['100000.10'],
      profit_loss: ['0.1000000000000000055511151231'],
      profit_loss_pct: ['0.00001'],
      base_value: '90071992547409931',
    })
  })
})

it('keeps nulls, and takes what is missing or empty for null', () => {
  const [held] = alpacaAdapter.positions().parse(text([position])) ?? []
  expect(held).toMatchObject({
    qty_available: null,
    current_price: null,
    cost_basis: null,
    market_value: '285.00',
  })
  const [placed] = orders().parse(text([{ ...order, filled_at: null, qty: null }])) ?? []
  expect(placed).toMatchObject({
    filled_at: null,
    qty: null,
    symbol: null,
    legs: null,
    extended_hours: false,
  })
  expect(curve().parse(text(history))).toMatchObject({
    equity: [null, '100.1'],
    profit_loss_pct: [null, '0.0000001'],
  })
})

it('knows the statuses of tomorrow, and ignores the fields of tomorrow', () => {
  const [placed] = orders().parse(text([{ ...order, status: 'held_by_moonlight', spell: { of: 1 } }])) ?? []
  expect(placed?.status).toBe('held_by_moonlight')
  expect(placed).not.toHaveProperty('spell')
  expect(alpacaAdapter.account().parse(text({ ...account, spell: [] }))).not.toHaveProperty('spell')
})

it('reads moments of any precision and offset', () => {
  const sent = { ...order, filled_at: '2026-06-15T10:30:00.123456789-04:00' }
  expect(orders().parse(text([sent]))?.[0]?.filled_at).toBe('2026-06-15T14:30:00.123Z')
})

it.each([
  ['an account without equity', () => alpacaAdapter.account().parse(text({ ...account, equity: null }))],
  [
    'an account with words for figures',
    () => alpacaAdapter.account().parse(text({ ...account, cash: 'much' })),
  ],
  [
    'an account that does not say whether it is blocked',
    () => alpacaAdapter.account().parse(text({ ...account, trading_blocked: null })),
  ],
  ['one position', () => alpacaAdapter.positions().parse(text(position))],
  ['a position on no side', () => alpacaAdapter.positions().parse(text([{ ...position, side: 'up' }]))],
  ['an order without an id', () => orders().parse(text([{ status: 'new' }]))],
  ['a curve with gaps', () => curve().parse(text({ ...history, equity: [1] }))],
  ['a figure too long', () => curve().parse(text(history).replace('100.1', '1e500'))],
  ['a page', () => alpacaAdapter.positions().parse('<html></html>')],
  ['half of an answer', () => alpacaAdapter.positions().parse(text([position]).slice(0, 60))],
  ['nothing', () => alpacaAdapter.clock().parse('')],
  ['a clock without hands', () => alpacaAdapter.clock().parse('{"is_open":true}')],
])('makes nothing of %s', (_what, parse) => {
  expect(parse()).toBeUndefined()
})

it('asks for what is wanted', () => {
  expect(alpacaAdapter.orders({ limit: 7 }).query).toBe('?status=open&limit=7&direction=desc&nested=true')
  expect(alpacaAdapter.orders({ status: 'all', limit: 500, before: 'a&b' }).query).toBe(
    '?status=all&limit=500&direction=desc&nested=true&before_order_id=a%26b',
  )
  expect(alpacaAdapter.history({}).query).toBe('')
  expect(alpacaAdapter.history({ period: '1A', timeframe: '1D' }).query).toBe('?period=1A&timeframe=1D')
})

describe('limits', () => {
  const now = new Date('2026-06-15T14:30:00Z')
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)

  it.each([
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${later(20).getTime() / 1_000}` }, 0, later(20)],
    [{ 'x-ratelimit-remaining': '199' }, 199, undefined],
    [{ 'retry-after': '7' }, undefined, later(7)],
    [{ 'retry-after': later(9).toUTCString() }, undefined, later(9)],
    [
      { 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': 'soon', 'retry-after': 'later' },
      undefined,
      undefined,
    ],
    [{ 'x-ratelimit-remaining': ['0', '1'] }, undefined, undefined],
  ])('of %j', (headers, remaining, resetsAt) => {
    expect(alpacaAdapter.quota(headers, now)).toEqual({ remaining, resetsAt })
  })
})
