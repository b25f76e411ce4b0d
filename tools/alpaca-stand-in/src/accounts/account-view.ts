import {
  abs,
  atLeastZero,
  type Decimal,
  decimal,
  formatDecimal,
  sum,
  times,
  ZERO,
} from '../market/decimal.ts'
import { dayOf, previousClose } from '../market/market-hours.ts'
import type { Prices } from '../market/prices.ts'
import { isOpenOrder, type Order, remainingQty } from '../orders/order.ts'
import { type Book, holdingsAt, marketValue, worth } from './book.ts'
import type { Standing } from './standing.ts'

const HALF = decimal('0.5')
const THREE_TENTHS = decimal('0.3')

export type Moment = { book: Book; standing: Standing; prices: Prices; ms: number }

/** An account's sums at one moment. The rules of buying power are the vendor's, by multiplier. */
export function sumsOf({ book, standing, prices, ms }: Moment) {
  const now = weigh({ book, prices, ms })
  const closeMs = previousClose(ms)
  const last = weigh({ book, prices, ms: closeMs })
  const equity = now.cash + now.long + now.short
  const lastEquity = last.cash + last.long + last.short
  const initialMargin = standing.multiplier === '1' ? now.gross : now.initialMargin
  const regTPower = standing.multiplier === '1' ? now.cash : atLeastZero(equity - initialMargin) * 2n
  const dayTradingPower = standing.multiplier === '4' ? atLeastZero(lastEquity - last.maintenance) * 4n : ZERO
  const buyingPower = standing.multiplier === '4' ? dayTradingPower : regTPower
  const reserved = sum(book.orders.filter(isOpenOrder).map((order) => reservedBy(order, prices, ms)))
  return {
    ...{ ...now, equity, lastEquity, lastMaintenance: last.maintenance, initialMargin, closeMs },
    ...{ regTPower, dayTradingPower, buyingPower, effectivePower: atLeastZero(buyingPower - reserved) },
  }
}

/** The body of `GET /v2/account`. */
export function accountView(moment: Moment) {
  const { book, standing } = moment
  const sums = sumsOf(moment)
  const money = formatDecimal
  return {
    id: book.accountId,
    account_number: book.accountNumber,
    status: standing.status,
    crypto_status: 'ACTIVE',
    currency: 'USD',
    created_at: new Date(book.openedMs).toISOString(),
    balance_asof: dayOf(sums.closeMs),
    cash: money(sums.cash),
    equity: money(sums.equity),
    last_equity: money(sums.lastEquity),
    portfolio_value: money(sums.equity),
    long_market_value: money(sums.long),
    short_market_value: money(sums.short),
    position_market_value: money(sums.gross),
    accrued_fees: '0',
    pending_transfer_in: null,
    pending_transfer_out: null,
    pending_reg_taf_fees: '0',
    intraday_adjustments: '0',
    buying_power: money(sums.buyingPower),
    effective_buying_power: money(sums.effectivePower),
    non_marginable_buying_power: money(atLeastZero(sums.cash)),
    daytrading_buying_power: money(sums.dayTradingPower),
    regt_buying_power: money(sums.regTPower),
    options_buying_power: money(atLeastZero(sums.equity - sums.initialMargin)),
    multiplier: standing.multiplier,
    initial_margin: money(sums.initialMargin),
    maintenance_margin: money(sums.maintenance),
    last_maintenance_margin: money(sums.lastMaintenance),
    sma: money(atLeastZero(sums.equity - sums.initialMargin)),
    pattern_day_trader: standing.isPatternDayTrader,
    trade_suspended_by_user: standing.isSuspendedByUser,
    trading_blocked: standing.isTradingBlocked,
    transfers_blocked: standing.areTransfersBlocked,
    account_blocked: standing.isAccountBlocked,
    shorting_enabled: standing.isShortingEnabled,
    daytrade_count: standing.isPatternDayTrader ? 4 : 0,
    options_approved_level: 2,
    options_trading_level: 2,
    crypto_tier: 1,
  }
}

/** What an open order keeps of the buying power: the unfilled part of a purchase. */
function reservedBy(order: Order, prices: Prices, ms: number): Decimal {
  if (order.side !== 'buy' || order.asset === null || order.parentId !== null) return ZERO
  const qty = remainingQty(order)
  if (qty === null) return order.notional ?? ZERO
  const price = order.limitPrice ?? order.stopPrice ?? prices.at(order.asset, ms)
  return worth(order.asset, qty, price)
}

/** Half of what can be bought on margin counts as initial margin, all of the rest; three tenths are to be maintained. */
function weigh({ book, prices, ms }: { book: Book; prices: Prices; ms: number }) {
  const { cash, positions } = holdingsAt(book, ms)
  const weighed = positions.map((holding) => ({ holding, value: marketValue(holding, prices, ms) }))
  const values = weighed.map(({ value }) => value)
  return {
    cash,
    long: sum(values.filter((value) => value > ZERO)),
    short: sum(values.filter((value) => value < ZERO)),
    gross: sum(values.map(abs)),
    initialMargin: sum(
      weighed.map(({ holding, value }) =>
        holding.asset.isMarginable ? times(abs(value), HALF) : abs(value),
      ),
    ),
    maintenance: sum(
      weighed.map(({ holding, value }) =>
        holding.asset.isMarginable ? times(abs(value), THREE_TENTHS) : abs(value),
      ),
    ),
  }
}
