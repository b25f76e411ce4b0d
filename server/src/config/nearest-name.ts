/** The candidate of which the smallest share must be inserted, deleted, changed or swapped to make `name` of it. */
export function nearestName(name: string, candidates: readonly string[]): string {
  const shareOf = (candidate: string): number =>
    editDistance(name, candidate) / Math.max(name.length, candidate.length)
  return candidates.toSorted((a, b) => shareOf(a) - shareOf(b))[0] ?? ''
}

/** Damerau-Levenshtein distance with adjacent swaps counted once (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforePrevious[column - 2] ?? Number.POSITIVE_INFINITY) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length] ?? 0
}
