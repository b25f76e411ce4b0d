import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StandIn, startStandIn } from '../index.ts'
import { type Client, createClient } from '../testing/client.ts'

let standIn: StandIn
let client: Client
let ids: string[]
beforeAll(async () => {
  standIn = await startStandIn()
  standIn.controls.settings({ fills: 'manual' })
  client = createClient(standIn, { keyId: 'PKFAKEQUERY' })
  ids = []
  const order = { qty: '1', side: 'buy', type: 'limit', limit_price: '1', time_in_force: 'gtc' }
  for (const symbol of ['F', 'KO', 'BTC/USD']) {
    ids.push((await client.place({ ...order, symbol })).id)
    standIn.controls.clock({ advanceMs: 60_000 })
  }
})
afterAll(() => standIn.dispose())

const found = async (query: string) => (await client.orders(query)).map(({ id }) => id)

it('lists open orders, the newest first', async () => {
  const [open, all, closed] = await Promise.all([found(''), found('status=all'), found('status=closed')])
  expect(open.slice(0, 3)).toEqual(ids.toReversed())
  expect(new Set([...open, ...closed])).toEqual(new Set(all))
  expect(open.some((id) => closed.includes(id))).toBe(false)
  expect(await found('direction=asc&status=all')).toEqual(all.toReversed())
  expect(await found('limit=2')).toEqual(open.slice(0, 2))
})

it('filters by symbol, class and side', async () => {
  expect(await found('symbols=F,KO')).toEqual(expect.arrayContaining(ids.slice(0, 2)))
  expect(await found('symbols=KO')).toEqual([ids[1]])
  expect(await found('asset_class=crypto')).toEqual([ids[2]])
  expect(await found('side=sell')).toEqual([])
})

it('bounds by times and by orders, both exclusive', async () => {
  expect(await found('after=2026-06-15T14:30:00Z&until=2026-06-15T14:32:00Z')).toEqual([ids[1]])
  expect(await found(`after_order_id=${ids[0]}`)).toEqual([ids[2], ids[1]])
  expect((await found(`before_order_id=${ids[2]}`)).slice(0, 2)).toEqual([ids[1], ids[0]])
})

it.each([
  'status=some',
  'limit=0',
  'limit=501',
  'limit=1e2',
  'direction=up',
  'after=today',
  'before_order_id=a&after_order_id=b',
  'after_order_id=a&until=2026-06-15T14:32:00Z',
])('refuses %s', async (query) => {
  expect(await client.refused('GET', `/v2/orders?${query}`)).toMatchObject({ status: 422, code: 40010001 })
})
