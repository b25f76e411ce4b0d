import type { Account } from '../accounts/account.ts'
import { accountView } from '../accounts/account-view.ts'
import { type Holding, holdingsAt } from '../accounts/book.ts'
import { portfolioHistory } from '../accounts/portfolio-history.ts'
import { positionView } from '../accounts/position-view.ts'
import { findAsset } from '../market/assets.ts'
import { abs, type Decimal, decimal, over, parseDecimal, times, ZERO } from '../market/decimal.ts'
import type { Market } from '../market/market.ts'
import { legsOf } from '../orders/order.ts'
import { readChanges, readOrder } from '../orders/order-input.ts'
import { queryOrders, readFlag } from '../orders/order-query.ts'
import { orderView } from '../orders/order-view.ts'
import { type Answer, EMPTY, ok } from './answer.ts'
import { calendarDays, clockView } from './market-views.ts'
import { decoded } from './read-value.ts'
import { refusals, VendorError } from './vendor-error.ts'

/** An authenticated request. */
export type Call = {
  account: Account
  market: Market
  query: URLSearchParams
  /** The text of the request's body. */
  body: string
  /** What stands in the braces of the route. */
  id: string
}

type Handler = (call: Call) => Answer

const HUNDRED = decimal('100')

/** Every route of the trading API that the stand-in has, by method and path; `{id}` is one segment. */
const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /v2/account': (call) => ok(accountView(momentOf(call))),
  'GET /v2/account/portfolio/history': ({ account, market, query }) => {
    const sources = { book: account.book, prices: market.prices, nowMs: market.clock.nowMs() }
    return ok(portfolioHistory(query, sources))
  },
  'GET /v2/positions': (call) => ok(holdingsOf(call).map((held) => positionView(held, momentOf(call)))),
  'GET /v2/positions/{id}': (call) => ok(positionView(demandHolding(call), momentOf(call))),
  'DELETE /v2/positions/{id}': (call) => {
    const held = demandHolding(call)
    return ok(call.account.trading.close(held.asset.positionSymbol, closingQty(held, call.query)))
  },
  'DELETE /v2/positions': (call) => {
    if (readFlag(call.query, 'cancel_orders')) call.account.trading.cancelAll()
    return { status: 207, json: holdingsOf(call).map((held) => closeOne(held, call)) }
  },
  'GET /v2/orders': ({ account, query }) => ok(queryOrders(account.book.orders, query)),
  'POST /v2/orders': ({ account, body }) => ok(account.trading.place(readOrder(readJson(body)))),
  'DELETE /v2/orders': ({ account }) => ({ status: 207, json: account.trading.cancelAll() }),
  'GET /v2/orders:by_client_order_id': ({ account, query }) => {
    const clientOrderId = query.get('client_order_id')
    if (!clientOrderId) throw refusals.badInput('client_order_id is required')
    return ok(viewOf(account, (order) => order.clientOrderId === clientOrderId))
  },
  'GET /v2/orders/{id}': ({ account, query, id }) =>
    ok(viewOf(account, (order) => order.id === id, readFlag(query, 'nested'))),
  'PATCH /v2/orders/{id}': ({ account, body, id }) =>
    ok(account.trading.replace(id, readChanges(readJson(body)))),
  'DELETE /v2/orders/{id}': ({ account, id }) => {
    account.trading.cancel(id)
    return EMPTY
  },
  'GET /v2/clock': ({ market }) => ok(clockView(market.clock.nowMs())),
  'GET /v2/calendar': ({ market, query }) => ok(calendarDays(query, market.clock.nowMs())),
}

/** The name of the route that a request is for (`/v2/orders/{id}`), or its path when there is none. */
export function matchRoute(method: string, path: string): { route: string; id: string; handler?: Handler } {
  const exact = ROUTES[`${method} ${path}`]
  if (exact) return { route: path, id: '', handler: exact }
  const [, folder, id] = /^(.+)\/([^/]+)$/.exec(path) ?? []
  const handler = ROUTES[`${method} ${folder}/{id}`]
  if (folder === undefined || id === undefined || !handler) return { route: path, id: '' }
  return { route: `${folder}/{id}`, id: decoded(id), handler }
}

function momentOf({ account, market }: Call) {
  const { book, standing } = account
  return { book, standing, prices: market.prices, ms: market.clock.nowMs() }
}

function holdingsOf({ account, market }: Call): Holding[] {
  return holdingsAt(account.book, market.clock.nowMs()).positions
}

function demandHolding(call: Call): Holding {
  const asset = findAsset(call.id)
  const held = holdingsOf(call).find((holding) => holding.asset === asset)
  if (!held) throw refusals.notFound('position')
  return held
}

/** All of a position, or the quantity or the percentage that is asked for; not both. */
function closingQty(held: Holding, query: URLSearchParams): Decimal {
  const size = abs(held.qty)
  const [qty, percentage] = ['qty', 'percentage'].map((name) => query.get(name))
  if (qty && percentage) throw refusals.badInput('only one of qty or percentage can be specified')
  const share = parseDecimal(percentage ?? '100')
  const asked = qty ? parseDecimal(qty) : share && over(times(size, share), HUNDRED)
  if (asked === undefined || asked <= ZERO || asked > size)
    throw refusals.badInput('invalid qty or percentage')
  return asked
}

function closeOne(held: Holding, { account }: Call) {
  const symbol = held.asset.positionSymbol
  try {
    return { symbol, status: 200, body: account.trading.close(symbol, held.qty) }
  } catch (error) {
    if (!(error instanceof VendorError)) throw error
    return { symbol, status: error.answer.status, body: error.answer.json }
  }
}

function viewOf(
  { book }: Account,
  isWanted: (order: (typeof book.orders)[number]) => boolean,
  isNested = false,
): Record<string, unknown> {
  const order = book.orders.find(isWanted)
  if (!order) throw refusals.notFound('order')
  return orderView(order, isNested ? legsOf(order, book.orders) : null)
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw refusals.badInput('request body format is invalid')
  }
}
