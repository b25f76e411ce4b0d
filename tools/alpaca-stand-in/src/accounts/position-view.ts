import { abs, type Decimal, formatDecimal, over, sum, ZERO } from '../market/decimal.ts'
import { previousClose } from '../market/market-hours.ts'
import type { Prices } from '../market/prices.ts'
import { isOpenOrder, type Order, remainingQty } from '../orders/order.ts'
import { type Book, type Holding, holdingsAt, worth } from './book.ts'

/** The body of one position. Fractions have factor 1: 0.05 is five per cent. */
export function positionView(
  holding: Holding,
  { book, prices, ms }: { book: Book; prices: Prices; ms: number },
) {
  const { asset, qty, cost } = holding
  const price = prices.at(asset, ms)
  const closeMs = previousClose(ms)
  const lastPrice = prices.at(asset, closeMs)
  const value = worth(asset, qty, price)
  const basis = sinceClose(holding, { book, lastPrice, closeMs, ms })
  return {
    asset_id: asset.id,
    symbol: asset.positionSymbol,
    exchange: asset.exchange,
    asset_class: asset.class,
    asset_marginable: asset.isMarginable,
    qty: formatDecimal(qty),
    qty_available: formatDecimal(qty - heldForOrders(book, holding)),
    avg_entry_price: formatDecimal(over(over(cost, qty), asset.multiplier)),
    side: qty > ZERO ? 'long' : 'short',
    market_value: formatDecimal(value),
    cost_basis: formatDecimal(cost),
    unrealized_pl: formatDecimal(value - cost),
    unrealized_plpc: formatDecimal(over(value - cost, abs(cost))),
    unrealized_intraday_pl: formatDecimal(value - basis),
    unrealized_intraday_plpc: formatDecimal(over(value - basis, abs(basis))),
    current_price: formatDecimal(price),
    lastday_price: formatDecimal(lastPrice),
    change_today: formatDecimal(over(price - lastPrice, lastPrice)),
  }
}

/** How much of a position open orders would take out of it; with the sign of the position. */
export function heldForOrders(book: Book, { asset, qty }: Holding): Decimal {
  const side = qty > ZERO ? 'sell' : 'buy'
  const orders = openOrdersFor(book, asset.symbol).filter((order) => order.side === side)
  const held = sum(orders.map((order) => remainingQty(order) ?? ZERO))
  const size = abs(qty)
  const capped = held < size ? held : size
  return qty > ZERO ? capped : -capped
}

export function openOrdersFor(book: Book, symbol: string): Order[] {
  return book.orders.filter(
    (order) => isOpenOrder(order) && order.parentId === null && order.asset?.symbol === symbol,
  )
}

/** What the position was worth at the last close, and what was paid for it since. */
function sinceClose(
  { asset }: Holding,
  { book, lastPrice, closeMs, ms }: { book: Book; lastPrice: Decimal; closeMs: number; ms: number },
): Decimal {
  const held = holdingsAt(book, closeMs).positions.find((one) => one.asset === asset)?.qty ?? ZERO
  const traded = book.fills.filter((fill) => fill.asset === asset && fill.ms > closeMs && fill.ms <= ms)
  const paid = sum(traded.map((fill) => worth(asset, fill.qty, fill.price)))
  return worth(asset, held, lastPrice) + paid
}
