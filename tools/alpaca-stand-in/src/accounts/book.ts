import type { Asset } from '../market/assets.ts'
import { type Decimal, over, times, ZERO } from '../market/decimal.ts'
import type { Prices } from '../market/prices.ts'
import type { Order } from '../orders/order.ts'

/** One execution: bought (positive quantity) or sold (negative) at a price. */
export type Fill = { id: string; ms: number; orderId: string; asset: Asset; qty: Decimal; price: Decimal }

/** What an account is and did. Its cash, its positions and its past values are worked out from this, never kept. */
export type Book = {
  accountId: string
  accountNumber: string
  openedMs: number
  deposit: Decimal
  orders: Order[]
  fills: Fill[]
}

/** What is held of one asset. `cost` has the sign of `qty` and is what was paid (or received, when short). */
export type Holding = { asset: Asset; qty: Decimal; cost: Decimal }

export type Holdings = { cash: Decimal; positions: Holding[] }

/** Cash and positions as they stood at a moment, in the order in which the positions were opened. */
export function holdingsAt(book: Book, ms: number): Holdings {
  let cash = ms >= book.openedMs ? book.deposit : ZERO
  const held = new Map<string, Holding>()
  for (const fill of book.fills) {
    if (fill.ms > ms) continue
    const { asset } = fill
    const before = held.get(asset.symbol) ?? { asset, qty: ZERO, cost: ZERO }
    const after = { asset, qty: before.qty + fill.qty, cost: costAfter(before, fill) }
    cash -= worth(asset, fill.qty, fill.price)
    if (after.qty === ZERO) held.delete(asset.symbol)
    else held.set(asset.symbol, after)
  }
  return { cash, positions: [...held.values()] }
}

/** What a quantity of an asset costs at a price; negative for a negative quantity. */
export function worth(asset: Asset, qty: Decimal, price: Decimal): Decimal {
  return times(times(qty, price), asset.multiplier)
}

export function marketValue(holding: Holding, prices: Prices, ms: number): Decimal {
  return worth(holding.asset, holding.qty, prices.at(holding.asset, ms))
}

/** Cash and positions at their prices of a moment; null before the account was opened. */
export function equityAt(book: Book, prices: Prices, ms: number): Decimal | null {
  if (ms < book.openedMs) return null
  const { cash, positions } = holdingsAt(book, ms)
  return positions.reduce((total, holding) => total + marketValue(holding, prices, ms), cash)
}

/** Adding to a position adds its price; taking from it takes cost in proportion; going through zero starts anew. */
function costAfter(before: Holding, fill: Fill): Decimal {
  const after = before.qty + fill.qty
  const isAdding = before.qty === ZERO || before.qty > ZERO === fill.qty > ZERO
  if (isAdding) return before.cost + worth(fill.asset, fill.qty, fill.price)
  if (after === ZERO) return ZERO
  const isThrough = after > ZERO !== before.qty > ZERO
  return isThrough ? worth(fill.asset, after, fill.price) : over(times(before.cost, after), before.qty)
}
