import { ASSETS, type Asset } from '../market/assets.ts'
import { type Decimal, decimal, over, times, ZERO } from '../market/decimal.ts'
import { addDays, closesAt, nearestTradingDay, opensAt } from '../market/market-hours.ts'
import type { Prices } from '../market/prices.ts'
import { createRandom, type Random, uuidOf } from '../market/seeded.ts'
import { blankOrder, type Order, type OrderTerms } from '../orders/order.ts'
import { type Book, type Fill, holdingsAt } from './book.ts'

const MINUTE = 60_000
const ONE = decimal('1')

/**
 * Makes up an account from labels (seed, environment, key): when it was opened in 2025, what was paid in, and some
 * months of orders, all before 2026. Other labels make another account; the same labels make the same one.
 */
export function openBook(labels: readonly string[], prices: Prices): Book {
  const random = createRandom('book', ...labels)
  const openedDay = nearestTradingDay(addDays('2025-01-06', random.int(0, 120)), 1)
  const book: Book = {
    accountId: uuidOf('account', ...labels),
    accountNumber: `${random.pick(['1', '2', '3'])}${random.int(10_000_000, 99_999_999)}`,
    openedMs: opensAt(openedDay),
    deposit: decimal(`${random.int(40, 400) * 500}`),
    orders: [],
    fills: [],
  }
  const past = createPast(book, labels, prices)
  for (const [place, asset] of someAssets(random).entries()) {
    past.buy(asset, addDays(openedDay, 3 + place * 9), random)
  }
  const [first] = holdingsAt(book, closesAt('2025-12-31')).positions
  if (first) past.sellPart(first.asset, '2025-11-03', random)
  past.rest(random)
  return book
}

function someAssets(random: Random): Asset[] {
  const pool = [...ASSETS]
  return Array.from({ length: random.int(3, 6) }, () => pool.splice(random.int(0, pool.length - 1), 1)).flat()
}

/** Writes orders that were over before 2026, and two that are still open, far from any price. */
function createPast(book: Book, labels: readonly string[], prices: Prices) {
  const add = (terms: Partial<OrderTerms>, ms: number, change: Partial<Order>) => {
    const id = uuidOf('order', ...labels, String(book.orders.length))
    const order = { ...blankOrder(id, uuidOf('client', id), ms), ...terms, ...change }
    book.orders.push(order)
    return order
  }
  const filled = (asset: Asset, signedQty: Decimal, ms: number) => {
    const price = prices.at(asset, ms)
    const qty = signedQty < ZERO ? -signedQty : signedQty
    const order = add({ asset, side: signedQty < ZERO ? 'sell' : 'buy', type: 'market', qty }, ms, {
      ...{ status: 'filled', filledMs: ms, filledQty: qty, filledCost: times(qty, price) },
    })
    const fill: Fill = { id: uuidOf('fill', order.id), ms, orderId: order.id, asset, qty: signedQty, price }
    book.fills.push(fill)
  }
  return {
    buy(asset: Asset, day: string, random: Random) {
      const ms = randomMinute(day, random)
      const budget = book.deposit / BigInt(random.int(7, 12))
      filled(asset, affordable(asset, budget, prices.at(asset, ms)), ms)
    },
    sellPart(asset: Asset, day: string, random: Random) {
      const ms = randomMinute(day, random)
      const held = holdingsAt(book, ms).positions.find((holding) => holding.asset === asset)?.qty ?? ZERO
      const part = asset.class === 'crypto' ? held / 2n : (held / ONE / 2n) * ONE
      if (part > ZERO) filled(asset, -part, ms)
    },
    rest(random: Random) {
      const [asset] = ASSETS
      const limit = { asset, side: 'buy', type: 'limit', timeInForce: 'gtc', qty: ONE } as const
      const farBelow = decimal('50')
      const dayMs = randomMinute('2025-12-01', random)
      add({ ...limit, limitPrice: farBelow }, dayMs, { status: 'canceled', canceledMs: dayMs + 30 * MINUTE })
      const expires = closesAt('2025-12-03')
      add({ ...limit, timeInForce: 'day', limitPrice: farBelow }, opensAt('2025-12-03'), {
        ...{ status: 'expired', expiredMs: expires, updatedMs: expires, endsMs: expires },
      })
      add({ ...limit, limitPrice: farBelow }, randomMinute('2025-12-15', random), { status: 'new' })
    },
  }
}

/** Whole units, at least one; crypto to five places. */
function affordable(asset: Asset, budget: Decimal, price: Decimal): Decimal {
  const exact = over(over(budget, price), asset.multiplier)
  const step = asset.class === 'crypto' ? decimal('0.00001') : ONE
  const whole = (exact / step) * step
  return whole > ZERO ? whole : step
}

function randomMinute(day: string, random: Random): number {
  return opensAt(nearestTradingDay(day, 1)) + random.int(1, 380) * MINUTE
}
