/** The outcome of a Mann-Whitney test: `p` is the chance of a difference at least so great if there is none. */
export interface MannWhitney {
  /** How many pairs (one value of each sample) the first sample wins, ties counting a half. */
  readonly u: number
  readonly p: number
}

/** The ranks of the first sample among all values, summed up, and what ties take off the variance. */
function rankSum(first: readonly number[], second: readonly number[]): { sum: number; ties: number } {
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ].toSorted((a, b) => a.value - b.value)
  let [sum, ties] = [0, 0]
  for (let from = 0; from < all.length; ) {
    const value = all[from]?.value
    let to = from
    while (to < all.length && all[to]?.value === value) to++
    const alike = to - from
    const rank = (from + 1 + to) / 2 // the middle of the ranks from + 1 … to
    sum += rank * all.slice(from, to).filter(({ isFirst }) => isFirst).length
    ties += alike ** 3 - alike
    from = to
  }
  return { sum, ties }
}

/** 1 - Φ(z) for z >= 0, to seven digits; Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}

/**
 * Whether two samples come from one distribution: the two-sided Mann-Whitney U test by the normal approximation, with
 * the corrections for ties and continuity. Both samples should have twenty values or more.
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): MannWhitney {
  const [n, m] = [first.length, second.length]
  const { sum, ties } = rankSum(first, second)
  const u = sum - (n * (n + 1)) / 2
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
  if (variance === 0) return { u, p: 1 }
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5)
  return { u, p: Math.min(1, 2 * upperTail(distance / Math.sqrt(variance))) }
}
