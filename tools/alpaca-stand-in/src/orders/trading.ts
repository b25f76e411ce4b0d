import { type Book, holdingsAt } from '../accounts/book.ts'
import type { Standing } from '../accounts/standing.ts'
import { refusals, VendorError } from '../http/vendor-error.ts'
import { abs, type Decimal, ZERO } from '../market/decimal.ts'
import type { Market } from '../market/market.ts'
import { uuidOf } from '../market/seeded.ts'
import { createExecution, type Execution, type OrderEvent } from './execution.ts'
import { endOfOrder } from './matching.ts'
import {
  blankOrder,
  isOpenOrder,
  NO_TERMS,
  type Order,
  type OrderTerms,
  remainingQty,
  type Status,
} from './order.ts'
import type { OrderChanges, OrderRequest } from './order-input.ts'
import { demandAllowed } from './order-risk.ts'
import { orderView } from './order-view.ts'

export const RACES = ['none', 'fill_wins', 'fill_follows', 'stays_pending'] as const

/** How the next cancel or replace of an account ends; after that one it is `none` again. */
export type Race = (typeof RACES)[number]

type View = Record<string, unknown>

/** Orders of one account, as the routes and the controls use them. Views show an order as its answer leaves. */
export type Trading = Pick<Execution, 'settle'> & {
  place(request: OrderRequest): View
  replace(id: string, changes: OrderChanges): View
  cancel(id: string): void
  cancelAll(): { id: string; status: number }[]
  /** Sells what is held, or buys back what is short, at the market. */
  close(symbol: string, qty: Decimal): View
  /** For the controls: fills an open order, wholly unless a quantity is given. */
  fill(id: string, part?: { qty?: Decimal | undefined; price?: Decimal | undefined }): void
  /** For the controls: ends a cancel or replace that was left pending. */
  finish(id: string): void
  race: { cancel: Race; replace: Race }
}

type Parts = { book: Book; market: Market; standing: Standing; tell: (event: OrderEvent) => void }

const NOT_REPLACEABLE: readonly Status[] = ['accepted', 'pending_new', 'pending_cancel', 'pending_replace']

export function createTrading(parts: Parts): Trading {
  const { book, market, standing } = parts
  const execution = createExecution(parts)
  const race: Trading['race'] = { cancel: 'none', replace: 'none' }
  const desk = { ...parts, execution, add: adder(book, market), race }
  const place: Trading['place'] = (request) => {
    execution.settle()
    demandUnused(request.clientOrderId, book)
    demandAllowed(request, { book, standing, prices: market.prices, ms: market.clock.nowMs() })
    const { legs, clientOrderId, ...terms } = request
    const order = desk.add(terms, { clientOrderId })
    const legOrders = legs.map((leg) => desk.add(leg, { parentId: order.id, status: 'accepted' }))
    const view = orderView(order, legOrders)
    execution.admit(order)
    return view
  }
  return {
    race,
    place,
    settle: execution.settle,
    replace: (id, changes) => replaceOrder(desk, demandOrder(id, book), changes),
    cancel: (id) => cancelOrder(desk, demandOrder(id, book)),
    cancelAll: () =>
      book.orders
        .filter((order) => isOpenOrder(order) && order.parentId === null)
        .map((order) => ({
          id: order.id,
          status: statusOf(() => cancelOrder(desk, order)),
        })),
    close(symbol, qty) {
      const held = holdingsAt(book, market.clock.nowMs()).positions.find(
        ({ asset }) => asset.positionSymbol === symbol,
      )
      if (!held) throw refusals.notFound('position')
      const side = held.qty > ZERO ? 'sell' : 'buy'
      const timeInForce = held.asset.class === 'crypto' ? 'gtc' : 'day'
      const terms = { ...NO_TERMS, asset: held.asset, side, type: 'market', timeInForce } as const
      return place({ ...terms, qty: abs(qty), clientOrderId: null, legs: [] })
    },
    fill: (id, part) => execution.fill(demandOrder(id, book), part),
    finish: (id) => finishOrder(desk, demandOrder(id, book)),
  }
}

type Desk = Parts & {
  execution: Execution
  add: ReturnType<typeof adder>
  race: Trading['race']
}

function cancelOrder({ execution, race }: Desk, order: Order): void {
  execution.settle()
  const turn = take(race, 'cancel')
  if (turn === 'fill_wins' && isOpenOrder(order)) execution.fill(order)
  if (!isOpenOrder(order) || order.status === 'pending_cancel') throw refusals.alreadyIn(order.status)
  execution.move(order, turn === 'none' ? 'canceled' : 'pending_cancel')
  if (turn !== 'fill_follows') return
  execution.fill(order)
  execution.move(order, order.status, 'order_cancel_rejected')
}

function replaceOrder(desk: Desk, old: Order, changes: OrderChanges): View {
  const { execution, book, standing, market } = desk
  execution.settle()
  const turn = take(desk.race, 'replace')
  if (turn === 'fill_wins' && isOpenOrder(old)) execution.fill(old)
  if (!isOpenOrder(old)) throw refusals.alreadyIn(old.status)
  if (NOT_REPLACEABLE.includes(old.status)) throw refusals.notReplaceable(old.status)
  demandUnused(changes.clientOrderId, book)
  const terms = changedTerms(old, changes)
  const others = { ...book, orders: book.orders.filter((order) => order !== old) }
  demandAllowed(terms, { book: others, standing, prices: market.prices, ms: market.clock.nowMs() })
  const order = desk.add(terms, { clientOrderId: changes.clientOrderId, replaces: old.id })
  const view = orderView(order)
  old.replacedBy = order.id
  if (turn === 'none') {
    completeReplace(desk, old, order)
    return view
  }
  execution.move(old, 'pending_replace')
  order.status = 'accepted'
  if (turn === 'fill_follows') {
    old.replacedBy = null
    execution.fill(old)
    execution.move(order, 'rejected')
    execution.move(old, old.status, 'order_replace_rejected')
  }
  return view
}

function completeReplace({ execution, book }: Desk, old: Order, order: Order): void {
  for (const leg of book.orders) if (leg.parentId === old.id) leg.parentId = order.id
  execution.move(old, 'replaced')
  execution.admit(order)
}

function finishOrder(desk: Desk, order: Order): void {
  if (order.status === 'pending_cancel') {
    desk.execution.move(order, 'canceled')
    return
  }
  const next = desk.book.orders.find(({ id }) => id === order.replacedBy)
  if (order.status !== 'pending_replace' || !next) throw new RangeError('Nothing is pending for this order.')
  completeReplace(desk, order, next)
}

/** A replacement takes over what its order had left. */
function changedTerms(old: Order, changes: OrderChanges): OrderTerms {
  const { asset, side, type, notional, isExtendedHours, orderClass, positionIntent, ratioQty } = old
  return {
    ...{ asset, side, type, notional, isExtendedHours, orderClass, positionIntent, ratioQty },
    qty: changes.qty ?? remainingQty(old),
    timeInForce: changes.timeInForce ?? old.timeInForce,
    limitPrice: changes.limitPrice ?? old.limitPrice,
    stopPrice: changes.stopPrice ?? old.stopPrice,
    trailPrice: old.trailPrice === null ? null : (changes.trail ?? old.trailPrice),
    trailPercent: old.trailPercent === null ? null : (changes.trail ?? old.trailPercent),
  }
}

function adder(book: Book, market: Market) {
  return (
    terms: OrderTerms,
    facts: Partial<Omit<Order, 'clientOrderId'>> & { clientOrderId?: string | null },
  ) => {
    const ms = market.clock.nowMs()
    const id = uuidOf('order', book.accountId, String(book.orders.length))
    const { clientOrderId, ...rest } = facts
    const blank = blankOrder(id, clientOrderId ?? uuidOf('client', id), ms)
    const order: Order = { ...blank, ...terms, ...rest, endsMs: endOfOrder(terms, ms) }
    book.orders.push(order)
    return order
  }
}

function demandOrder(id: string, book: Book): Order {
  const order = book.orders.find((one) => one.id === id)
  if (!order) throw refusals.notFound('order')
  return order
}

function demandUnused(clientOrderId: string | null, book: Book): void {
  if (clientOrderId !== null && book.orders.some((order) => order.clientOrderId === clientOrderId)) {
    throw refusals.badInput('client_order_id must be unique')
  }
}

function take(race: Trading['race'], which: 'cancel' | 'replace'): Race {
  const turn = race[which]
  race[which] = 'none'
  return turn
}

function statusOf(act: () => void): number {
  try {
    act()
    return 200
  } catch (error) {
    if (error instanceof VendorError) return error.answer.status
    throw error
  }
}
