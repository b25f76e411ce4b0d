import { type Decimal, decimal, over, times } from '../market/decimal.ts'
import { dayOf, isOpen, isTradingDay, momentOf, nextClose } from '../market/market-hours.ts'
import type { Order, OrderTerms } from './order.ts'

const HUNDRED = decimal('100')

/** Whether an order could be filled at this moment, whatever its price. */
export function isWorkable(order: Order, ms: number): boolean {
  if (order.asset === null) return false
  if (order.asset.class === 'crypto') return true
  if (order.timeInForce === 'cls') return order.endsMs !== null && ms >= order.endsMs
  return isOpen(ms) || (order.isExtendedHours && isExtendedSession(ms))
}

/** Whether a price is good enough for an order. */
export function isMarketable(order: Order, price: Decimal): boolean {
  const { type, limitPrice, stopPrice } = order
  if (type === 'market') return true
  const isBuy = order.side === 'buy'
  const isWithinLimit = limitPrice === null || (isBuy ? price <= limitPrice : price >= limitPrice)
  if (type === 'limit') return isWithinLimit
  const trigger = type === 'trailing_stop' ? trailingTrigger(order) : stopPrice
  if (trigger === null) return false
  return (isBuy ? price >= trigger : price <= trigger) && isWithinLimit
}

/** The mark a trailing stop follows: the highest price since it was placed, the lowest for a purchase. */
export function followedMark(order: Order, price: Decimal): Decimal | null {
  if (order.type !== 'trailing_stop') return null
  const mark = order.highWaterMark ?? price
  return (order.side === 'buy' ? price < mark : price > mark) ? price : mark
}

/** When an order of the day ends: with the session it is for. */
export function endOfOrder(terms: OrderTerms, ms: number): number | null {
  if (terms.timeInForce === 'gtc' || terms.asset?.class === 'crypto') return null
  const closeMs = nextClose(ms)
  return terms.isExtendedHours ? momentOf(dayOf(closeMs), '20:00') : closeMs
}

function trailingTrigger(order: Order): Decimal | null {
  const mark = order.highWaterMark
  if (mark === null) return null
  const distance = order.trailPrice ?? over(times(mark, order.trailPercent ?? 0n), HUNDRED)
  return order.side === 'buy' ? mark + distance : mark - distance
}

function isExtendedSession(ms: number): boolean {
  const day = dayOf(ms)
  return isTradingDay(day) && ms >= momentOf(day, '04:00') && ms < momentOf(day, '20:00')
}
