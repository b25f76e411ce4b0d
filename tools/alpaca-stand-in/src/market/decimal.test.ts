import { expect, it } from 'vitest'
import { decimal, formatDecimal, over, parseDecimal, times } from './decimal.ts'

it('writes the shortest plain notation', () => {
  const texts = ['0', '-1', '12.5', '-0.000000001', '100000000000000000000.000000001']
  for (const text of texts) expect(formatDecimal(decimal(text))).toBe(text)
  expect(formatDecimal(decimal('1.500'))).toBe('1.5')
})

it('adds what floating-point numbers cannot', () => {
  expect(formatDecimal(decimal('0.1') + decimal('0.2'))).toBe('0.3')
})

it('rounds products and quotients half away from zero', () => {
  expect(formatDecimal(times(decimal('0.000000003'), decimal('0.5')))).toBe('0.000000002')
  expect(formatDecimal(times(decimal('-0.000000003'), decimal('0.5')))).toBe('-0.000000002')
  expect(formatDecimal(over(decimal('2'), decimal('3')))).toBe('0.666666667')
  expect(formatDecimal(over(decimal('-2'), decimal('3')))).toBe('-0.666666667')
  expect(over(decimal('1'), 0n)).toBe(0n)
})

it('refuses what is not a plain decimal number', () => {
  for (const text of ['', '1e3', '+1', '.5', '1.', '0x1', '1.0000000001', ' 1', 'NaN']) {
    expect(parseDecimal(text)).toBeUndefined()
  }
})
