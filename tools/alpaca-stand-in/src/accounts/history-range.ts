import { choose, readMoment } from '../http/read-value.ts'
import { refusals } from '../http/vendor-error.ts'
import {
  addDays,
  closesAt,
  dayOf,
  isTradingDay,
  type MarketDay,
  momentOf,
  nearestTradingDay,
  opensAt,
} from '../market/market-hours.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const TIMEFRAMES = ['1Min', '5Min', '15Min', '1H', '1D'] as const
type Timeframe = (typeof TIMEFRAMES)[number]

const MINUTES: Record<Timeframe, number> = { '1Min': 1, '5Min': 5, '15Min': 15, '1H': 60, '1D': 1440 }

const REPORTING = ['market_hours', 'extended_hours', 'continuous'] as const
type Reporting = (typeof REPORTING)[number]

export type Range = {
  /** New York days, both included. */
  from: MarketDay
  to: MarketDay
  endMs: number
  timeframe: Timeframe
  reporting: Reporting
  /** Gains of every day counted from the close before it. */
  isResetDaily: boolean
}

/** A window of time by its start, and the moment its value is taken at; milliseconds. */
export type Point = { labelMs: number; valuedMs: number }

/** Reads period, start, end, timeframe and the reporting options; times are rounded down to New York days. */
export function readRange(query: URLSearchParams, nowMs: number): Range {
  const given = ['period', 'start', 'end', 'date_end'].filter((name) => query.has(name))
  if (given.length > 2) throw refusals.badInput('only two of start, end and period can be specified')
  const endText = query.get('end') ?? query.get('date_end')
  const endMs = Math.min(endText === null ? nowMs : momentIn('end', endText), nowMs)
  const to = dayOf(endMs)
  const startText = query.get('start')
  const from =
    startText === null ? startOf(query.get('period') ?? '1M', to) : dayOf(momentIn('start', startText))
  if (from > to) throw refusals.badInput('start must be before end')
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY)
  const timeframe = readTimeframe(query, days)
  const reporting = choose(
    'intraday_reporting',
    query.get('intraday_reporting') ?? legacyReporting(query),
    REPORTING,
  )
  const reset = choose('pnl_reset', query.get('pnl_reset') ?? 'per_day', ['per_day', 'no_reset'])
  return { from, to, endMs, timeframe, reporting, isResetDaily: timeframe !== '1D' && reset === 'per_day' }
}

/** The points of a range that have begun by now. */
export function historyPoints(range: Range, nowMs: number): Point[] {
  const lastMs = Math.min(range.endMs, nowMs)
  const points: Point[] = []
  for (let day = range.from; day <= range.to; day = addDays(day, 1)) {
    if (range.timeframe === '1D') {
      if (isTradingDay(day) && opensAt(day) <= lastMs) {
        points.push({ labelMs: momentOf(day, '00:00'), valuedMs: Math.min(closesAt(day), lastMs) })
      }
    } else if (isTradingDay(day) || range.reporting === 'continuous') {
      points.push(...pointsOfDay(day, range, lastMs))
    }
  }
  return points
}

function pointsOfDay(day: MarketDay, range: Range, lastMs: number): Point[] {
  const stepMs = MINUTES[range.timeframe] * MINUTE
  const session = {
    market_hours: [opensAt(day), closesAt(day)],
    extended_hours: [momentOf(day, '04:00'), momentOf(day, '20:00')],
    continuous: [momentOf(day, '00:00'), momentOf(addDays(day, 1), '00:00')],
  } as const
  const [startMs, endMs] = session[range.reporting]
  const points: Point[] = []
  for (let labelMs = startMs; labelMs < endMs && labelMs <= lastMs; labelMs += stepMs) {
    points.push({ labelMs, valuedMs: Math.min(labelMs + stepMs, endMs, lastMs) })
  }
  return points
}

/** One day is the last traded one alone; weeks, months and years go back by the calendar. */
function startOf(period: string, to: MarketDay): MarketDay {
  const match = /^(\d{1,3})([DWMA])$/.exec(period)
  const count = Number(match?.[1] ?? 0)
  if (!match || count === 0) throw refusals.badInput('invalid period')
  if (match[2] === 'D') return tradingDaysBack(to, count)
  if (match[2] === 'W') return addDays(to, -7 * count)
  return monthsBack(to, match[2] === 'M' ? count : 12 * count)
}

function tradingDaysBack(to: MarketDay, count: number): MarketDay {
  let day = nearestTradingDay(to, -1)
  for (let left = count - 1; left > 0; left -= 1) day = nearestTradingDay(addDays(day, -1), -1)
  return day
}

/** The same day some months before, or the last day of that month when it is shorter. */
function monthsBack(to: MarketDay, months: number): MarketDay {
  const [year = 0, month = 1, day = 1] = to.split('-').map(Number)
  const lastDay = new Date(Date.UTC(year, month - months, 0)).getUTCDate()
  return new Date(Date.UTC(year, month - 1 - months, Math.min(day, lastDay))).toISOString().slice(0, 10)
}

function readTimeframe(query: URLSearchParams, days: number): Timeframe {
  const usual = days < 7 ? '1Min' : days < 30 ? '15Min' : '1D'
  const timeframe = choose('timeframe', query.get('timeframe') ?? usual, TIMEFRAMES)
  if (timeframe !== '1D' && days > 30) throw refusals.badInput('only timeframe 1D is allowed over 30 days')
  return timeframe
}

function legacyReporting(query: URLSearchParams): Reporting {
  return query.get('extended_hours') === 'true' ? 'extended_hours' : 'market_hours'
}

/** A day stands for its close. */
function momentIn(name: string, text: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? closesAt(text) : readMoment(name, text)
}
