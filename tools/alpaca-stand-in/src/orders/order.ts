import type { Asset } from '../market/assets.ts'
import { type Decimal, ZERO } from '../market/decimal.ts'

export const STATUSES = [
  ...['new', 'partially_filled', 'filled', 'done_for_day', 'canceled', 'expired', 'replaced'],
  ...['pending_cancel', 'pending_replace', 'accepted', 'pending_new', 'accepted_for_bidding'],
  ...['stopped', 'rejected', 'suspended', 'calculated'],
] as const
export const TYPES = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'] as const
export const TIMES_IN_FORCE = ['day', 'gtc', 'opg', 'cls', 'ioc', 'fok'] as const
export const SIDES = ['buy', 'sell'] as const
export const CLASSES = ['simple', 'bracket', 'oco', 'oto', 'mleg'] as const
export const INTENTS = ['buy_to_open', 'buy_to_close', 'sell_to_open', 'sell_to_close'] as const

type OrderType = (typeof TYPES)[number]
export type TimeInForce = (typeof TIMES_IN_FORCE)[number]
export type Side = (typeof SIDES)[number]
export type OrderClass = (typeof CLASSES)[number] | ''
export type Intent = (typeof INTENTS)[number]
export type Status =
  | ('new' | 'partially_filled' | 'filled' | 'canceled' | 'expired' | 'replaced')
  | ('pending_cancel' | 'pending_replace' | 'accepted' | 'pending_new' | 'rejected')

/** What an order asks for: read from a request, or made up for an account's past. */
export type OrderTerms = {
  /** Null for an order of several legs only. */
  asset: Asset | null
  side: Side | null
  type: OrderType
  timeInForce: TimeInForce
  qty: Decimal | null
  notional: Decimal | null
  limitPrice: Decimal | null
  stopPrice: Decimal | null
  trailPrice: Decimal | null
  trailPercent: Decimal | null
  isExtendedHours: boolean
  orderClass: OrderClass
  positionIntent: Intent | null
  ratioQty: Decimal | null
}

/** An order as the books hold it. Times are milliseconds since 1970. */
export type Order = OrderTerms & {
  id: string
  clientOrderId: string
  /** The order that this one is a leg of. */
  parentId: string | null
  createdMs: number
  updatedMs: number
  /** When a day order ends unfilled; null when it stays until it is cancelled. */
  endsMs: number | null
  filledMs: number | null
  expiredMs: number | null
  canceledMs: number | null
  failedMs: number | null
  replacedMs: number | null
  replacedBy: string | null
  replaces: string | null
  filledQty: Decimal
  /** Quantity times price over all fills, for one unit of a contract. */
  filledCost: Decimal
  highWaterMark: Decimal | null
  status: Status
}

const OPEN: readonly Status[] = [
  ...(['new', 'partially_filled', 'accepted', 'pending_new'] as const),
  ...(['pending_cancel', 'pending_replace'] as const),
]

export function isOpenOrder(order: Order): boolean {
  return OPEN.includes(order.status)
}

/** The orders that hang on this one. */
export function legsOf(order: Order, orders: readonly Order[]): Order[] {
  return orders.filter((leg) => leg.parentId === order.id)
}

/** What is left to fill; null while an order over an amount of money has not been filled. */
export function remainingQty(order: Order): Decimal | null {
  return order.qty === null ? null : order.qty - order.filledQty
}

export const NO_TERMS = {
  qty: null,
  notional: null,
  limitPrice: null,
  stopPrice: null,
  trailPrice: null,
  trailPercent: null,
  isExtendedHours: false,
  orderClass: '',
  positionIntent: null,
  ratioQty: null,
} as const

/** An order as it looks in its first moment. */
export function blankOrder(id: string, clientOrderId: string, ms: number): Order {
  return {
    ...NO_TERMS,
    ...{ id, clientOrderId, parentId: null, createdMs: ms, updatedMs: ms, endsMs: null },
    ...{ filledMs: null, expiredMs: null, canceledMs: null, failedMs: null, replacedMs: null },
    ...{ replacedBy: null, replaces: null, filledQty: ZERO, filledCost: ZERO, highWaterMark: null },
    ...{ asset: null, side: null, type: 'market', timeInForce: 'day', status: 'pending_new' },
  }
}
