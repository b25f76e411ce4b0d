import { type Moment, sumsOf } from '../accounts/account-view.ts'
import { type Holding, holdingsAt, worth } from '../accounts/book.ts'
import { heldForOrders, openOrdersFor } from '../accounts/position-view.ts'
import type { Standing } from '../accounts/standing.ts'
import { refusals } from '../http/vendor-error.ts'
import type { Asset } from '../market/assets.ts'
import { abs, type Decimal, decimal, over, ZERO } from '../market/decimal.ts'
import { dayOf, momentOf } from '../market/market-hours.ts'
import type { OrderTerms } from './order.ts'

const ONE = decimal('1')

/** Refuses an order that the account may not place now, or that it has not the money or the shares for. */
export function demandAllowed(order: OrderTerms, now: Moment): void {
  const { standing } = now
  if (standing.isSuspendedByUser) throw refusals.suspended()
  if (standing.isAccountBlocked || standing.isTradingBlocked || standing.status !== 'ACTIVE') {
    throw refusals.blocked()
  }
  demandHours(order, now.ms)
  if (order.asset === null) return
  const qty = order.qty ?? over(order.notional ?? ZERO, now.prices.at(order.asset, now.ms))
  const holding = heldOf(order.asset, now)
  if (order.side === 'sell' && mustOwn(order.asset, { qty, holding, standing })) {
    demandQuantity(holding, qty, now)
  } else {
    demandMoney({ asset: order.asset, order, qty, holding }, now)
  }
}

/** Orders for the opening are not taken from 9:28 to 19:00, those for the close from 15:50 to 19:00, New York time. */
function demandHours(order: OrderTerms, ms: number): void {
  const from = { opg: '09:28', cls: '15:50' }[order.timeInForce === 'opg' ? 'opg' : 'cls']
  if (order.timeInForce !== 'opg' && order.timeInForce !== 'cls') return
  const day = dayOf(ms)
  if (ms >= momentOf(day, from) && ms < momentOf(day, '19:00')) {
    throw refusals.badInput(`${order.timeInForce} orders are not accepted at this time`)
  }
}

function heldOf(asset: Asset, { book, ms }: Moment): Holding {
  const found = holdingsAt(book, ms).positions.find((holding) => holding.asset === asset)
  return found ?? { asset, qty: ZERO, cost: ZERO }
}

/** Only whole shares of stocks are sold short, and only from nothing or from short. */
function mustOwn(
  asset: Asset,
  { qty, holding, standing }: { qty: Decimal; holding: Holding; standing: Standing },
): boolean {
  const isShortable = standing.isShortingEnabled && asset.class === 'us_equity' && qty % ONE === ZERO
  return holding.qty > ZERO || !isShortable
}

function demandQuantity(holding: Holding, asked: Decimal, { book }: Moment): void {
  const existing = holding.qty > ZERO ? holding.qty : ZERO
  const held = existing === ZERO ? ZERO : heldForOrders(book, holding)
  const available = existing - held
  if (asked <= available) return
  const { symbol } = holding.asset
  const orderIds = openOrdersFor(book, symbol).map((order) => order.id)
  throw refusals.quantity({ symbol, asked, available, existing, held, orderIds })
}

function demandMoney(
  { asset, order, qty, holding }: { asset: Asset; order: OrderTerms; qty: Decimal; holding: Holding },
  now: Moment,
): void {
  const isCovering = order.side === 'buy' && holding.qty < ZERO
  const opening = isCovering && qty > abs(holding.qty) ? qty - abs(holding.qty) : isCovering ? ZERO : qty
  const price = order.limitPrice ?? order.stopPrice ?? now.prices.at(asset, now.ms)
  const cost = worth(asset, opening, price)
  const { effectivePower } = sumsOf(now)
  if (cost > effectivePower) throw refusals.buyingPower(effectivePower, cost)
}
