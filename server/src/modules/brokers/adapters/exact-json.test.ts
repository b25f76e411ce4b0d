import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseExactJson } from './exact-json.ts'

const digits = (max: number) => fc.stringMatching(new RegExp(`^\\d{1,${max}}$`))
const plainNumber = fc
  .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.option(digits(25)))
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === null ? '' : `.${fraction}`}`)

it('gives every number as the very text that was sent', () => {
  fc.assert(
    fc.property(plainNumber, (number) => {
      expect(parseExactJson(`{"equity":[${number}]}`)).toEqual({ equity: [number] })
    }),
  )
})

it('leaves texts, flags and nulls as they are', () => {
  const value = { text: '1.10', flag: true, nothing: null, list: ['0.30', { deep: '-0' }] }
  expect(parseExactJson(JSON.stringify(value))).toEqual(value)
})

it.each([
  ['1e3', '1000'],
  ['-1.5E-7', '-0.00000015'],
  ['2.50e+1', '25'],
  ['1E-20', '0.00000000000000000001'],
])('writes %s out', (sent, plain) => {
  expect(parseExactJson(sent)).toBe(plain)
})

it('does not write out a number of a thousand million digits', () => {
  expect(parseExactJson('1e999999999')).toBe('1e999999999')
})

it.each(['', '{"a":1', '<html>', '{"a":NaN}', '[1,]', '['.repeat(500_000)])(
  'gives nothing for what is not JSON (%#)',
  (text) => {
    expect(parseExactJson(text)).toBeUndefined()
  },
)
