import { expect, it } from 'vitest'
import { waitInWords } from './wait-in-words.ts'

it.each([
  [0, '1 second'],
  [1, '1 second'],
  [42, '42 seconds'],
  [119, '119 seconds'],
  [121, '3 minutes'],
  [3_412, '57 minutes'],
  [7_201, '3 hours'],
])('says %i seconds as %j, never too short', (seconds, words) => {
  expect(waitInWords(seconds)).toBe(words)
})
