import { refusals } from '../http/vendor-error.ts'
import { type Decimal, formatDecimal, over } from '../market/decimal.ts'
import { closesAt, dayOf, previousClose } from '../market/market-hours.ts'
import type { Prices } from '../market/prices.ts'
import { type Book, equityAt } from './book.ts'
import { historyPoints, readRange } from './history-range.ts'

type Sources = { book: Book; prices: Prices; nowMs: number }

/**
 * Answers `GET /v2/account/portfolio/history`. Each point is labelled with the start of its window and valued at its
 * end; the last one at this moment. Before the account was opened there are nulls.
 */
export function portfolioHistory(query: URLSearchParams, { book, prices, nowMs }: Sources) {
  const range = readRange(query, nowMs)
  const points = historyPoints(range, nowMs)
  const firstMs = points[0]?.labelMs ?? nowMs
  const base = baseAt(previousClose(firstMs), { book, prices, nowMs })
  const equities = points.map(({ valuedMs }) => equityAt(book, prices, valuedMs))
  const bases = points.map(({ labelMs }) =>
    range.isResetDaily ? baseAt(previousClose(labelMs), { book, prices, nowMs }).value : base.value,
  )
  const gains = equities.map((equity, at) => gainOver(equity, bases[at] ?? base.value))
  return {
    timestamp: points.map(({ labelMs }) => labelMs / 1000),
    equity: equities.map(number),
    profit_loss: gains.map(({ amount }) => number(amount)),
    profit_loss_pct: gains.map(({ fraction }) => number(fraction)),
    base_value: Number(formatDecimal(base.value)),
    base_value_asof: base.day,
    timeframe: range.timeframe,
    cashflow: cashflow(query, book, points),
  }
}

/** What gains are counted from: the value at a close, or what was paid in when the account was opened after it. */
function baseAt(closeMs: number, { book, prices }: Sources): { value: Decimal; day: string } {
  const value = equityAt(book, prices, closeMs)
  return value === null
    ? { value: book.deposit, day: dayOf(book.openedMs) }
    : { value, day: dayOf(Math.min(closeMs, closesAt(dayOf(closeMs)))) }
}

/** The fraction is equity / base − 1. */
function gainOver(
  equity: Decimal | null,
  base: Decimal,
): { amount: Decimal | null; fraction: Decimal | null } {
  if (equity === null) return { amount: null, fraction: null }
  return { amount: equity - base, fraction: over(equity - base, base) }
}

/** The one cash flow there is: the first deposit (CSD), counted up along the points. */
function cashflow(query: URLSearchParams, book: Book, points: readonly { valuedMs: number }[]) {
  const types = (query.get('cashflow_types') ?? 'NONE').split(',')
  if (types.some((type) => !/^[A-Z]{1,10}$/.test(type))) throw refusals.badInput('invalid cashflow_types')
  const isWanted = types.includes('ALL') || types.includes('CSD')
  const first = points[0]?.valuedMs ?? 0
  if (!isWanted || book.openedMs < first) return {}
  return { CSD: points.map(({ valuedMs }) => (valuedMs >= book.openedMs ? number(book.deposit) : 0)) }
}

/** Numbers of the history are JSON numbers; the exact text becomes one only here. */
function number(value: Decimal | null): number | null {
  return value === null ? null : Number(formatDecimal(value))
}
