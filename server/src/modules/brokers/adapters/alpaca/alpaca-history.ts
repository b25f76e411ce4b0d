import { Type } from 'typebox'
import type { BrokerRead, EquityCurve, HistoryWanted, Instant } from '../adapter.ts'
import { bodyReader, figure, instantIn, orNull, perhaps, word } from '../fields.ts'

const Series = Type.Union([Type.Array(Type.Union([figure, Type.Null()])), Type.Null()])

/** What is used of `GET /v2/account/portfolio/history`; its figures are numbers, unlike everywhere else. */
const History = Type.Object({
  /** Unix seconds. */
  timestamp: Type.Union([Type.Array(Type.String({ pattern: '^\\d{1,10}$' })), Type.Null()]),
  equity: Series,
  profit_loss: Series,
  profit_loss_pct: Series,
  base_value: perhaps(figure),
  timeframe: word,
})

const parse = bodyReader(History, (history): EquityCurve | undefined => {
  const timestamps = (history.timestamp ?? []).map((seconds) => instantIn(isoOf(seconds)))
  const equity = history.equity ?? []
  const profit_loss = history.profit_loss ?? []
  const profit_loss_pct = history.profit_loss_pct ?? []
  const isParallel = [equity, profit_loss, profit_loss_pct].every(
    ({ length }) => length === timestamps.length,
  )
  if (!isParallel || !timestamps.every(isInstant)) return undefined
  const base_value = orNull(history.base_value)
  return { timestamps, equity, profit_loss, profit_loss_pct, base_value, timeframe: history.timeframe }
})

function isoOf(seconds: string): string {
  return new Date(Number(seconds) * 1_000).toISOString()
}

function isInstant(value: Instant | null): value is Instant {
  return value !== null
}

/** What the account was worth over time. */
export function alpacaHistory({ period, timeframe }: HistoryWanted): BrokerRead<EquityCurve> {
  const query = new URLSearchParams({
    ...(period === undefined ? {} : { period }),
    ...(timeframe === undefined ? {} : { timeframe }),
  })
  return {
    purpose: 'history',
    path: '/v2/account/portfolio/history',
    query: query.size === 0 ? '' : `?${query}`,
    parse,
  }
}
