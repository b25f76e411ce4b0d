import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { type Client, createClient } from '../testing/client.ts'
import { History } from '../testing/schemas.ts'

let standIn: StandIn
let client: Client
beforeAll(async () => {
  standIn = await startStandIn()
  client = createClient(standIn, { keyId: 'PKFAKEHISTORY' })
})
afterAll(() => standIn.dispose())

const read = (query = '') => client.get(`/v2/account/portfolio/history?${query}`, History)

it('gives a month of days by default, in arrays of one length, up to the equity of now', async () => {
  const history = await read()
  expect(history.timeframe).toBe('1D')
  const { timestamp, equity, profit_loss, profit_loss_pct } = history
  expect(timestamp.length).toBeGreaterThan(19)
  expect([equity, profit_loss, profit_loss_pct].map((list) => list.length)).toEqual(
    Array(3).fill(timestamp.length),
  )
  expect(timestamp).toEqual(timestamp.toSorted((a, b) => a - b))
  expect(String(equity.at(-1))).toBe((await client.account()).equity)
  for (const [at, value] of equity.entries()) {
    expect(profit_loss_pct[at]).toBeCloseTo((value ?? 0) / history.base_value - 1, 8)
    expect(profit_loss[at]).toBeCloseTo((value ?? 0) - history.base_value, 6)
  }
})

it('picks the timeframe by the length of the period', async () => {
  const [day, week, two, quarter] = await Promise.all(
    ['1D', '1W', '2W', '3M'].map((one) => read(`period=${one}`)),
  )
  expect([day, week, two, quarter].map((one) => one?.timeframe)).toEqual(['1Min', '15Min', '15Min', '1D'])
  expect(day?.timestamp.length).toBe(61) // the market opened an hour ago
  expect(day?.base_value_asof).toBe('2026-06-12')
})

it('ends with the close of a past day', async () => {
  const history = await read('start=2026-03-02&end=2026-03-31&timeframe=1D')
  expect(history.timestamp).toHaveLength(22)
  expect(new Date((history.timestamp[0] ?? 0) * 1000).toISOString()).toBe('2026-03-02T05:00:00.000Z')
  expect(new Date((history.timestamp.at(-1) ?? 0) * 1000).toISOString()).toBe('2026-03-31T04:00:00.000Z')
})

it('reports extended hours and nights when asked', async () => {
  const [market, extended, continuous] = await Promise.all(
    ['market_hours', 'extended_hours', 'continuous'].map((one) =>
      read(`start=2026-06-12&end=2026-06-13T12:00:00Z&timeframe=1H&intraday_reporting=${one}`),
    ),
  )
  expect([market, extended, continuous].map((one) => one?.timestamp.length)).toEqual([7, 16, 33])
})

it('counts gains of every day anew unless asked not to', async () => {
  const [daily, through] = await Promise.all([
    read('period=3D&timeframe=1H'),
    read('period=3D&timeframe=1H&pnl_reset=no_reset'),
  ])
  expect(daily.equity).toEqual(through.equity)
  expect(daily.profit_loss.slice(0, 7)).toEqual(through.profit_loss.slice(0, 7))
  expect(daily.profit_loss.at(-1)).not.toEqual(through.profit_loss.at(-1))
})

it('has nulls before the account was opened, and counts from the deposit', async () => {
  const history = await read('start=2024-12-30&end=2025-12-31&timeframe=1D&cashflow_types=ALL')
  const openedAt = history.equity.findIndex((value) => value !== null)
  expect(openedAt).toBeGreaterThan(0)
  expect(history.profit_loss[0]).toBeNull()
  expect(history.equity[openedAt]).toBe(history.base_value)
  expect(history.cashflow).toEqual({
    CSD: history.equity.map((value) => (value === null ? 0 : history.base_value)),
  })
})

it('follows a fill', async () => {
  standIn.controls.price({ symbol: 'F', price: '10.00' })
  await client.place({ symbol: 'F', qty: '10', side: 'buy', type: 'market', time_in_force: 'day' })
  const before = (await read('period=1D')).equity.at(-1) ?? 0
  standIn.controls.price({ symbol: 'F', price: '12.50' })
  expect((await read('period=1D')).equity.at(-1)).toBeCloseTo(before + 25, 6)
})

it.each([
  'period=1M&start=2026-01-01&end=2026-02-01',
  'period=5X',
  'period=0D',
  'timeframe=2Min',
  'period=3M&timeframe=15Min',
  'start=yesterday',
  'start=2026-06-01&end=2026-05-01',
  'pnl_reset=sometimes',
])('refuses %s', async (query) => {
  const refusal = await client.refused('GET', `/v2/account/portfolio/history?${query}`)
  expect(refusal).toMatchObject({ status: 422, code: 40010001 })
})
