import { expect, it } from 'vitest'
import { editDistance, nearestName } from './nearest-name.ts'

it.each([
  ['', '', 0],
  ['port', 'port', 0],
  ['port', 'prot', 1],
  ['port', 'por', 1],
  ['port', 'sport', 1],
  ['port', 'pork', 1],
  ['', 'port', 4],
  ['kitten', 'sitting', 3],
])('counts from %j to %j %i edits', (from, to, expected) => {
  expect(editDistance(from, to)).toBe(expected)
  expect(editDistance(to, from)).toBe(expected)
})

it('finds the name that was meant', () => {
  expect(nearestName('HOTS', ['PORT', 'HOST', 'DATA_DIR'])).toBe('HOST')
})
