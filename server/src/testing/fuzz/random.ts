/** Noise that can be made again from its seed. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  below(limit: number): number
  pick<T>(from: readonly T[]): T
  /** Letters and digits. */
  word(length: number): string
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Noise from a seed (mulberry32: small, fast, and good enough to choose test cases). */
export function randomFrom(seed: number): Random {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new RangeError('There is nothing to pick from.')
      return from[below(from.length)] as T
    },
    word: (length) => Array.from({ length }, () => LETTERS[below(LETTERS.length)]).join(''),
  }
}

/** The seed of this run: OUTCRY_TEST_FUZZ_SEED to repeat or to look elsewhere, else always the same one. */
export function fuzzSeed(): number {
  return Number(process.env.OUTCRY_TEST_FUZZ_SEED ?? 20_261_121)
}

/** How many variants each operation is asked as each caller: OUTCRY_TEST_FUZZ_VARIANTS for a long run, else 210. */
export function fuzzVariants(): number {
  return Number(process.env.OUTCRY_TEST_FUZZ_VARIANTS ?? 210)
}
