import { describe, expect, it } from 'vitest'
import { rateText, ratioText } from './report.ts'
import { median, ratios, spreadOf } from './stats.ts'

describe('measurements', () => {
  it('are summed up by their middle and their middle half', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([1, 2])).toBe(1.5)
    expect(spreadOf([5, 1, 2, 4, 3])).toEqual({ median: 3, low: 2, high: 4 })
  })
  it('are divided round by round, so that a slow moment for both changes nothing', () => {
    expect(ratios([10, 1, 20], [10, 1, 20])).toEqual({ median: 1, low: 1, high: 1 })
  })
  it('are written short', () => {
    expect(ratioText({ median: 1.234, low: 1, high: 2 })).toBe('1.23 (1.00–2.00)')
    expect([rateText(218), rateText(9_940), rateText(146_400)]).toEqual(['218', '9.9k', '146k'])
  })
})
