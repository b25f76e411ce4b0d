import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lengthPrefixed } from './length-prefixed.ts'

it('gives different bytes for different lists', () => {
  const parts = fc.array(fc.string({ unit: 'binary', maxLength: 4 }), { maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, (left, right) => {
      const isSame = JSON.stringify(left) === JSON.stringify(right)
      expect(lengthPrefixed(left).equals(lengthPrefixed(right))).toBe(isSame)
    }),
  )
})

it('keeps moved boundaries apart', () => {
  expect(lengthPrefixed(['ab', 'c'])).not.toEqual(lengthPrefixed(['a', 'bc']))
  expect(lengthPrefixed(['a', ''])).not.toEqual(lengthPrefixed(['a']))
})
