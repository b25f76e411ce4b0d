import { Decimal } from 'decimal.js'
import { isDecimal } from './is-decimal.ts'

/** Orders exact decimals by their value; what is no number comes last. */
export function compareDecimals(a: string | null, b: string | null): number {
  const [left, right] = [a, b].map((text) =>
    text !== null && isDecimal(text) ? new Decimal(text) : undefined,
  )
  if (left && right) return left.comparedTo(right)
  if (left) return -1
  return right ? 1 : 0
}
