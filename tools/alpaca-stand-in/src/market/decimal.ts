/**
 * An exact decimal number as a count of billionths. Nine places hold money as well as crypto quantities, and no
 * amount of the stand-in ever passes through a floating-point number on its way to a string.
 */
export type Decimal = bigint

const PLACES = 9
const ONE = 10n ** BigInt(PLACES)

export const ZERO: Decimal = 0n

/** Reads plain decimal notation with at most nine places; anything else (exponents, signs of plus) is undefined. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^(-?)(\d{1,24})(?:\.(\d{1,9}))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const size = BigInt(whole + fraction.padEnd(PLACES, '0'))
  return sign ? -size : size
}

/** As `parseDecimal`, for texts of our own. */
export function decimal(text: string): Decimal {
  const value = parseDecimal(text)
  if (value === undefined) throw new RangeError(`${text} is not a decimal number.`)
  return value
}

/** The shortest plain notation: no exponent, no zeros at the end. */
export function formatDecimal(value: Decimal): string {
  const size = abs(value)
  const fraction = (size % ONE).toString().padStart(PLACES, '0').replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${size / ONE}${fraction === '' ? '' : `.${fraction}`}`
}

/** The product, rounded half away from zero at the ninth place. */
export function times(a: Decimal, b: Decimal): Decimal {
  return rounded(a * b, ONE)
}

/** The quotient, rounded half away from zero at the ninth place; zero when the divisor is zero. */
export function over(a: Decimal, b: Decimal): Decimal {
  return b === 0n ? ZERO : rounded(a * ONE, b)
}

export function abs(value: Decimal): Decimal {
  return value < 0n ? -value : value
}

export function atLeastZero(value: Decimal): Decimal {
  return value < 0n ? ZERO : value
}

export function smaller(a: Decimal, b: Decimal): Decimal {
  return a < b ? a : b
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = ZERO
  for (const value of values) total += value
  return total
}

function rounded(dividend: bigint, divisor: bigint): bigint {
  const half = abs(divisor) / 2n
  const size = (abs(dividend) + half) / abs(divisor)
  return dividend < 0n === divisor < 0n ? size : -size
}
