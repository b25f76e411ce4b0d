import { Decimal } from 'decimal.js'
import { compareDecimals } from '../../lib/compare-decimals.ts'

/** One moment of an equity curve. */
export interface CurvePoint {
  readonly instant: string
  /** Exact, as the broker sent it. */
  readonly equity: string
}

/** What a curve says in a few figures. */
export interface CurveSummary {
  readonly first: CurvePoint
  readonly last: CurvePoint
  readonly lowest: CurvePoint
  readonly highest: CurvePoint
  /** Exact difference of the last and the first. */
  readonly change: string
}

/** The moments of which the broker knows a figure. */
export function pointsOf(curve: {
  readonly timestamps: readonly string[]
  readonly equity: readonly (string | null)[]
}): readonly CurvePoint[] {
  return curve.timestamps.flatMap((instant, at) => {
    const equity = curve.equity[at]
    return equity ? [{ instant, equity }] : []
  })
}

/** The curve in words; nothing when there is none. */
export function summaryOf(points: readonly CurvePoint[]): CurveSummary | undefined {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const ordered = points.toSorted((a, b) => compareDecimals(a.equity, b.equity))
  return {
    first,
    last,
    lowest: ordered[0] ?? first,
    highest: ordered.at(-1) ?? last,
    change: new Decimal(last.equity).minus(first.equity).toFixed(),
  }
}
