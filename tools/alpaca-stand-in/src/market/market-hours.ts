const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A day in New York, as `2026-06-15`. */
export type MarketDay = string

/** The New York day that a moment falls on. */
export function dayOf(ms: number): MarketDay {
  return new Date(ms + newYorkOffset(ms)).toISOString().slice(0, 10)
}

/** The moment of a wall-clock time (`09:30`) in New York. */
export function momentOf(day: MarketDay, time: string): number {
  const wall = Date.parse(`${day}T${time}:00Z`)
  return wall - newYorkOffset(wall - newYorkOffset(wall))
}

export function addDays(day: MarketDay, days: number): MarketDay {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
}

/** Monday to Friday: the stand-in keeps no holidays and no early closes. */
export function isTradingDay(day: MarketDay): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay()
  return weekday >= 1 && weekday <= 5
}

/** The day itself when it is traded, else the next (1) or the one before (-1) that is. */
export function nearestTradingDay(day: MarketDay, direction: 1 | -1): MarketDay {
  let found = day
  while (!isTradingDay(found)) found = addDays(found, direction)
  return found
}

export function opensAt(day: MarketDay): number {
  return momentOf(day, '09:30')
}

export function closesAt(day: MarketDay): number {
  return momentOf(day, '16:00')
}

export function isOpen(ms: number): boolean {
  const day = dayOf(ms)
  return isTradingDay(day) && ms >= opensAt(day) && ms < closesAt(day)
}

/** The close of the last trading day before the New York day of a moment. */
export function previousClose(ms: number): number {
  return closesAt(nearestTradingDay(addDays(dayOf(ms), -1), -1))
}

/** The moment itself while the market is open, else the last close. */
export function lastTraded(ms: number): number {
  const day = dayOf(ms)
  if (isTradingDay(day) && ms >= opensAt(day)) return Math.min(ms, closesAt(day))
  return closesAt(nearestTradingDay(addDays(day, -1), -1))
}

export function nextOpen(ms: number): number {
  const day = dayOf(ms)
  if (isTradingDay(day) && ms < opensAt(day)) return opensAt(day)
  return opensAt(nearestTradingDay(addDays(day, 1), 1))
}

export function nextClose(ms: number): number {
  const day = dayOf(ms)
  if (isTradingDay(day) && ms < closesAt(day)) return closesAt(day)
  return closesAt(nearestTradingDay(addDays(day, 1), 1))
}

/** RFC 3339 with New York's offset: `2026-06-15T10:30:00-04:00`. */
export function withNewYorkOffset(ms: number): string {
  const offset = newYorkOffset(ms)
  const hours = String(-offset / HOUR).padStart(2, '0')
  return `${new Date(ms + offset).toISOString().replace(/(\.000)?Z$/, '')}-${hours}:00`
}

/** Daylight time from the second Sunday of March to the first of November, at 02:00 (Energy Policy Act of 2005). */
function newYorkOffset(ms: number): number {
  const year = new Date(ms).getUTCFullYear()
  const starts = sunday(year, 2, 2) + 7 * HOUR
  const ends = sunday(year, 10, 1) + 6 * HOUR
  return ms >= starts && ms < ends ? -4 * HOUR : -5 * HOUR
}

function sunday(year: number, month: number, which: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay()
  return Date.UTC(year, month, 1 + ((7 - first) % 7) + 7 * (which - 1))
}
