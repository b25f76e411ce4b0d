import { describe, expect, it } from 'vitest'
import { mannWhitney } from './mann-whitney.ts'

// The expected values are those of scipy.stats.mannwhitneyu(…, method='asymptotic', use_continuity=True).
describe('the Mann-Whitney test', () => {
  it.each([
    { first: [78, 64, 75, 45, 82], second: [110, 70, 53, 51], u: 11, p: 0.9025232501776794 },
    {
      first: [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
      second: [1.15, 0.88, 0.9, 0.74, 1.21],
      u: 35,
      p: 0.24462360512698333,
    },
    { first: [1, 2, 2, 3, 3, 3, 4, 5], second: [2, 3, 4, 4, 5, 5, 6, 7], u: 13.5, p: 0.05464095473294313 },
    { first: [3, 3, 3], second: [3, 3, 3], u: 4.5, p: 1 },
  ])('of $first and $second agrees with known values', ({ first, second, u, p }) => {
    const found = mannWhitney(first, second)
    expect(found.u).toBe(u)
    expect(found.p).toBeCloseTo(p, 6)
    expect(mannWhitney(second, first).p).toBeCloseTo(p, 6)
  })

  it('agrees on 500 values each with many ties', () => {
    const first = Array.from({ length: 500 }, (_, i) => (i * 37) % 101)
    const second = Array.from({ length: 500 }, (_, i) => ((i * 53) % 101) + 5)
    const { u, p } = mannWhitney(first, second)
    expect(u).toBe(113_246.5)
    expect(p).toBeCloseTo(0.01005920560511902, 6)
  })

  it('finds samples that do not overlap', () => {
    const twenty = Array.from({ length: 20 }, (_, i) => i)
    const { p } = mannWhitney(
      twenty,
      twenty.map((i) => i + 100),
    )
    expect(p).toBeGreaterThan(6e-8)
    expect(p).toBeLessThan(8e-8)
  })
})
