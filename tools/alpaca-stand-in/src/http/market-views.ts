import {
  addDays,
  dayOf,
  isOpen,
  isTradingDay,
  nextClose,
  nextOpen,
  withNewYorkOffset,
} from '../market/market-hours.ts'
import { refusals } from './vendor-error.ts'

const DAY = 86_400_000
const LONGEST_DAYS = 3_660

/** The body of `GET /v2/clock`. */
export function clockView(ms: number) {
  return {
    timestamp: withNewYorkOffset(ms),
    is_open: isOpen(ms),
    next_open: withNewYorkOffset(nextOpen(ms)),
    next_close: withNewYorkOffset(nextClose(ms)),
  }
}

/** The body of `GET /v2/calendar`: the trading days from `start` to `end`, this year's when they are absent. */
export function calendarDays(query: URLSearchParams, nowMs: number) {
  const year = dayOf(nowMs).slice(0, 4)
  const start = readDay(query, 'start') ?? `${year}-01-01`
  const end = readDay(query, 'end') ?? `${start.slice(0, 4)}-12-31`
  const days = (Date.parse(end) - Date.parse(start)) / DAY
  if (days < 0 || days > LONGEST_DAYS)
    throw refusals.badInput('end must be after start, by ten years at most')
  return Array.from({ length: days + 1 }, (_, at) => addDays(start, at))
    .filter(isTradingDay)
    .map((date) => ({ date, open: '09:30', close: '16:00', session_open: '0400', session_close: '2000' }))
}

function readDay(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name)?.slice(0, 10)
  if (text === undefined) return undefined
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw refusals.badInput(`invalid ${name}`)
  }
  return text
}
