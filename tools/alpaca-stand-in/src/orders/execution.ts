import type { Book } from '../accounts/book.ts'
import { type Decimal, over, times, ZERO } from '../market/decimal.ts'
import type { Market } from '../market/market.ts'
import { uuidOf } from '../market/seeded.ts'
import { followedMark, isMarketable, isWorkable } from './matching.ts'
import { isOpenOrder, legsOf, type Order, remainingQty, type Status } from './order.ts'

/** Something that happened to an order, as `/stream` tells it. */
export type OrderEvent = {
  event: string
  order: Order
  fill?: { id: string; price: Decimal; qty: Decimal }
}

export type Execution = {
  /** Puts an order to work. What cannot be filled at once stays open, or ends when it must not wait. */
  admit(order: Order): void
  /** Fills part of an open order, or all that is left; at the price of the moment unless another is given. */
  fill(order: Order, part?: { qty?: Decimal | undefined; price?: Decimal | undefined }): void
  /** Gives an order another status and tells it. */
  move(order: Order, status: Status, event?: string): void
  /** Does what is due by now: orders that start, end or reach their price. */
  settle(): void
}

type Parts = { book: Book; market: Market; tell: (event: OrderEvent) => void }

const TIME_OF: Partial<Record<Status, 'filledMs' | 'canceledMs' | 'expiredMs' | 'replacedMs' | 'failedMs'>> =
  {
    filled: 'filledMs',
    canceled: 'canceledMs',
    expired: 'expiredMs',
    replaced: 'replacedMs',
    rejected: 'failedMs',
  }

/** Carries out the orders of one account: the only place that writes fills and statuses. */
export function createExecution({ book, market, tell }: Parts): Execution {
  const now = () => market.clock.nowMs()

  const move = (order: Order, status: Status, event: string = status) => {
    order.status = status
    order.updatedMs = now()
    const time = TIME_OF[status]
    if (time) order[time] = now()
    tell({ event, order })
    if (status === 'canceled' || status === 'expired')
      legsOf(order, book.orders).filter(isOpenOrder).forEach(cancel)
  }
  const cancel = (order: Order) => move(order, 'canceled')

  const fill: Execution['fill'] = (order, part = {}) => {
    const { asset } = order
    if (asset === null) throw new RangeError('An order of several legs is not filled by the stand-in.')
    const price = part.price ?? market.prices.at(asset, now())
    const left = demandLeft(order, price)
    const qty = part.qty ?? left
    if (qty <= ZERO || qty > left) throw new RangeError('That is not what the order has left to fill.')
    const id = uuidOf('fill', order.id, String(book.fills.length))
    const signed = order.side === 'sell' ? -qty : qty
    book.fills.push({ id, ms: now(), orderId: order.id, asset, qty: signed, price })
    order.filledQty += qty
    order.filledCost += times(qty, price)
    order.updatedMs = now()
    const isWhole = qty === left
    order.status = isWhole ? 'filled' : 'partially_filled'
    if (isWhole) order.filledMs = now()
    tell({ event: isWhole ? 'fill' : 'partial_fill', order, fill: { id, price, qty } })
    if (isWhole) followUp(order)
  }
  const followUp = (order: Order) => {
    for (const leg of legsOf(order, book.orders)) {
      if (order.orderClass === 'oco') cancel(leg)
      else if (leg.status === 'accepted') move(leg, 'new')
    }
    for (const other of rivalsOf(order, book)) cancel(other)
  }

  const tryFill = (order: Order) => {
    if (market.settings.fills === 'manual' || order.asset === null || !isWorking(order)) return
    const price = market.prices.at(order.asset, now())
    order.highWaterMark = followedMark(order, price)
    if (isWorkable(order, now()) && isMarketable(order, price)) fill(order, { price })
    else if (order.timeInForce === 'ioc' || order.timeInForce === 'fok') cancel(order)
  }
  const admit = (order: Order) => {
    const isNow = order.asset === null || isWorkable(order, now())
    move(order, isNow ? 'new' : 'accepted')
    if (isNow) tryFill(order)
  }
  const settleOne = (order: Order) => {
    if (isWaiting(order, book)) return
    const isOver = order.endsMs !== null && now() >= order.endsMs
    if (!isOver || order.timeInForce === 'cls') {
      if (order.status === 'accepted' && isWorkable(order, now())) move(order, 'new')
      tryFill(order)
    }
    if (isOver && isOpenOrder(order)) move(order, 'expired')
  }
  return { admit, fill, move, settle: () => [...book.orders].filter(isOpenOrder).forEach(settleOne) }
}

/** How much of an open order is left at a price. */
function demandLeft(order: Order, price: Decimal): Decimal {
  if (!isOpenOrder(order)) throw new RangeError(`The order is ${order.status}, so nothing is left to fill.`)
  return remainingQty(order) ?? over(order.notional ?? ZERO, price)
}

function isWorking(order: Order): boolean {
  return order.status === 'new' || order.status === 'partially_filled'
}

/** A leg waits for its order, a replacement for the order it replaces. */
function isWaiting(order: Order, book: Book): boolean {
  const parent = book.orders.find(({ id }) => id === order.parentId)
  if (parent && parent.orderClass !== 'oco' && parent.status !== 'filled') return true
  return book.orders.some(({ id, status }) => id === order.replaces && status === 'pending_replace')
}

/** The other ways out of the same position, which end when one of them was taken. */
function rivalsOf(order: Order, book: Book): Order[] {
  if (order.parentId === null) return []
  const others = book.orders.filter(
    ({ id, parentId }) => id !== order.id && (parentId === order.parentId || id === order.parentId),
  )
  return others.filter(isOpenOrder)
}
