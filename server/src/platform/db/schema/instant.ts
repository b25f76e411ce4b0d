const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const KEPT_DAYS = 64 // a power of two; what is written is mostly of today, or a few days from it

const padded = (n: number, width: number) => String(n).padStart(width, '0')
const MINUTES = Array.from(
  { length: 1440 },
  (_, i) => `${padded(Math.floor(i / 60), 2)}:${padded(i % 60, 2)}:`,
)
const SECONDS = Array.from({ length: 60 }, (_, i) => `${padded(i, 2)}.`)
const MILLISECONDS = Array.from({ length: 1000 }, (_, i) => `${padded(i, 3)}Z`)
const keptDays = new Float64Array(KEPT_DAYS).fill(Number.NaN)
const keptTexts: string[] = new Array<string>(KEPT_DAYS).fill('')

/** `2026-01-31T` for a day counted from the epoch. */
function dayText(day: number): string {
  const at = day & (KEPT_DAYS - 1)
  if (keptDays[at] !== day) {
    keptDays[at] = day
    keptTexts[at] = new Date(day * DAY_MS).toISOString().slice(0, 11)
  }
  return keptTexts[at] ?? ''
}

/** What `toISOString` gives for the years 0 to 9999, at a third of its cost: it is in every row that is written. */
export function formatInstant(value: Date): string {
  const ms = value.getTime()
  const day = Math.floor(ms / DAY_MS)
  const ofDay = ms - day * DAY_MS
  const minute = Math.floor(ofDay / MINUTE_MS)
  const ofMinute = ofDay - minute * MINUTE_MS
  const second = Math.floor(ofMinute / 1000)
  return `${dayText(day)}${MINUTES[minute]}${SECONDS[second]}${MILLISECONDS[ofMinute - second * 1000]}`
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48
  return value
}

/** Reads `2026-01-31?19:45:00` and the milliseconds after it without the cost of `Date.parse`. */
function instantOf(text: string, ms: number): Date {
  const year = digits(text, 0, 4)
  const at = new Date(
    Date.UTC(
      year,
      digits(text, 5, 7) - 1,
      digits(text, 8, 10),
      digits(text, 11, 13),
      digits(text, 14, 16),
      digits(text, 17, 19),
      ms,
    ),
  )
  if (year < 100) at.setUTCFullYear(year)
  return at
}

/** Reads PostgreSQL's ISO output in UTC, `2026-01-31 19:45:00[.123]+00`. */
export function parsePostgresInstant(text: string): Date {
  if (text.charCodeAt(19) !== 46) return instantOf(text, 0)
  const end = text.indexOf('+', 20)
  return instantOf(text, digits(text, 20, end) * (end === 23 ? 1 : end === 22 ? 10 : 100))
}

/** Reads our own form on SQLite, `2026-01-31T19:45:00.123Z`, which a CHECK holds to this length. */
export function parseSqliteInstant(text: string): Date {
  return text.length === 24 ? instantOf(text, digits(text, 20, 23)) : new Date(text)
}
