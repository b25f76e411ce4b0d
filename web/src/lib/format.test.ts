import { describe, expect, it } from 'vitest'
import { compareDecimals } from './compare-decimals.ts'
import { formatDecimal, formatMoney, formatPercent, signOf } from './format.ts'

describe('figures', () => {
  it('stay exact', () => {
    expect(formatDecimal('1234567890123456789.000000001')).toBe('1,234,567,890,123,456,789.000000001')
    expect(formatDecimal('-0.50')).toBe('−0.50')
    expect(['7', '-7.5', '7.125'].map((text) => formatDecimal(text, 2))).toEqual(['7.00', '−7.50', '7.125'])
    expect(formatMoney('1024.5', 'USD')).toBe('1,024.50 USD')
    expect(formatMoney('0.12345', 'USD')).toBe('0.12345 USD')
    expect(['-0.01234', '0.2', '0', '-0.00004'].map(formatPercent)).toEqual([
      '−1.23 %',
      '+20.00 %',
      '0.00 %',
      '0.00 %',
    ])
  })

  it('that are none are shown as they came', () => {
    expect(formatDecimal('n/a')).toBe('n/a')
    expect(formatMoney('', 'USD')).toBe('')
  })

  it('know their sign', () => {
    expect(['-0.01', '0', '0.000', '12'].map(signOf)).toEqual([-1, 0, 0, 1])
  })

  it('are ordered by value, with the unknown last', () => {
    expect(['10', null, '9.5', '-2', 'x'].toSorted(compareDecimals)).toEqual(['-2', '9.5', '10', null, 'x'])
  })
})
