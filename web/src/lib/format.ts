import { Decimal } from 'decimal.js'
import { isDecimal } from './is-decimal.ts'

const locale = () => navigator.language

/** A moment as a member reads it: day and time in their own zone. */
export function formatInstant(instant: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(instant),
  )
}

/** A day in the member's own zone. */
export function formatDay(instant: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(instant))
}

/** The time of day with seconds, for "as of". */
export function formatTime(instant: string): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(new Date(instant))
}

function inThousands(digits: string): string {
  const first = digits.length % 3 || 3
  return [digits.slice(0, first), ...(digits.slice(first).match(/\d{3}/g) ?? [])].join(',')
}

/**
 * An exact decimal as the broker sent it, with the digits grouped, nothing rounded, and noughts added up to the least
 * number of places. What is no number comes back as it is.
 */
export function formatDecimal(text: string, leastPlaces = 0): string {
  if (!isDecimal(text)) return text
  const [whole = '', places = ''] = text.replace(/^\+/, '').split('.')
  const grouped = inThousands(whole.replace(/^-/, ''))
  const sign = whole.startsWith('-') ? '−' : ''
  const fraction = places.padEnd(leastPlaces, '0')
  return fraction === '' ? sign + grouped : `${sign}${grouped}.${fraction}`
}

/** An amount of a currency, exact, at least two places: `1,234.50 USD`. */
export function formatMoney(text: string, currency: string): string {
  if (!isDecimal(text)) return text
  return `${formatDecimal(text, 2)} ${currency}`
}

/** A share such as 0.0123 as a percentage with a sign, rounded to two places: `+1.23 %`; nothing is `0.00 %`. */
export function formatPercent(text: string): string {
  if (!isDecimal(text)) return text
  const percent = new Decimal(text).times(100).toDecimalPlaces(2)
  if (percent.isZero()) return '0.00 %'
  return `${percent.isNegative() ? '' : '+'}${formatDecimal(percent.toFixed(2))} %`
}

/** Whether an exact decimal is below, at or above zero; zero for what is no number. */
export function signOf(text: string): -1 | 0 | 1 {
  if (!isDecimal(text) || /^[+-]?[0.]+$/.test(text)) return 0
  return text.startsWith('-') ? -1 : 1
}
