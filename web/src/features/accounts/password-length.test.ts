import { expect, it } from 'vitest'
import { missingCharacters } from './password-length.ts'

it.each([
  ['', 12, 12],
  ['twelve chars', 12, 0],
  ['eleven char', 12, 1],
  ['longer than it has to be', 12, 0],
  ['🐎🔋🪝🐎🔋🪝', 12, 6],
  ['            ', 12, 0],
])('counts %j in code points: of %i, %i are missing', (password, least, missing) => {
  expect(missingCharacters(password, least)).toBe(missing)
})
