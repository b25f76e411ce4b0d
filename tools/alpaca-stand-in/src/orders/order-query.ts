import { choose, readMoment } from '../http/read-value.ts'
import { refusals } from '../http/vendor-error.ts'
import type { Order } from './order.ts'
import { isOpenOrder, legsOf, SIDES } from './order.ts'
import { orderView } from './order-view.ts'

/** Answers `GET /v2/orders`: the newest first unless asked otherwise. */
export function queryOrders(orders: readonly Order[], query: URLSearchParams): Record<string, unknown>[] {
  const isNested = readFlag(query, 'nested')
  const isAscending = choose('direction', query.get('direction') ?? 'desc', ['desc', 'asc']) === 'asc'
  const wanted = orders
    .filter(filterOf(orders, query))
    .filter((order) => !isNested || order.parentId === null)
  const sorted = wanted
    .map((order) => ({ order, place: orders.indexOf(order) }))
    .toSorted((a, b) => a.order.createdMs - b.order.createdMs || a.place - b.place)
    .map(({ order }) => order)
  const page = (isAscending ? sorted : sorted.toReversed()).slice(0, readLimit(query))
  return page.map((order) => orderView(order, isNested ? legsOf(order, orders) : null))
}

/** `true` or `false`, false when absent. */
export function readFlag(query: URLSearchParams, name: string): boolean {
  return choose(name, query.get(name) ?? 'false', ['false', 'true']) === 'true'
}

function filterOf(orders: readonly Order[], query: URLSearchParams): (order: Order) => boolean {
  const state = choose('status', query.get('status') ?? 'open', ['open', 'closed', 'all'])
  const side = query.has('side') ? choose('side', query.get('side'), SIDES) : undefined
  const symbols = readList(query, 'symbols')
  const classes = readList(query, 'asset_class')
  const isInWindow = windowOf(orders, query)
  return (order) =>
    (state === 'all' || isOpenOrder(order) === (state === 'open')) &&
    (side === undefined || order.side === side) &&
    (symbols === undefined || symbols.includes(order.asset?.symbol ?? '')) &&
    (classes === undefined || classes.includes(order.asset?.class ?? '')) &&
    isInWindow(order)
}

/** Either two times or one order bound the answer; all of them are exclusive. */
function windowOf(orders: readonly Order[], query: URLSearchParams): (order: Order) => boolean {
  const hasIds = query.has('before_order_id') || query.has('after_order_id')
  if (query.has('before_order_id') && query.has('after_order_id')) {
    throw refusals.badInput('before_order_id and after_order_id are mutually exclusive')
  }
  if (hasIds && (query.has('after') || query.has('until'))) {
    throw refusals.badInput('before_order_id and after_order_id cannot be combined with after or until')
  }
  const afterMs = readTime(query, 'after') ?? Number.NEGATIVE_INFINITY
  const untilMs = readTime(query, 'until') ?? Number.POSITIVE_INFINITY
  const before = placeOf(orders, query.get('before_order_id')) ?? Number.POSITIVE_INFINITY
  const after = placeOf(orders, query.get('after_order_id')) ?? -1
  return (order) => {
    const place = orders.indexOf(order)
    return order.createdMs > afterMs && order.createdMs < untilMs && place < before && place > after
  }
}

function placeOf(orders: readonly Order[], id: string | null): number | undefined {
  if (id === null) return undefined
  const place = orders.findIndex((order) => order.id === id)
  if (place < 0) throw refusals.notFound('order')
  return place
}

function readLimit(query: URLSearchParams): number {
  const text = query.get('limit') ?? '50'
  const limit = Number(text)
  if (!/^\d{1,3}$/.test(text) || limit < 1 || limit > 500) throw refusals.badInput('limit must be 1 to 500')
  return limit
}

function readTime(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text === null ? undefined : readMoment(name, text)
}

function readList(query: URLSearchParams, name: string): string[] | undefined {
  const text = query.get(name)
  return text === null || text === '' ? undefined : text.split(',')
}
