import { describe, expect, it } from 'vitest'
import { AppError } from '../../../platform/errors.ts'
import { assertUsernameMayBeUsed } from './user-names.ts'

const refusalOf = (username: string, isOperator: boolean): string | undefined => {
  try {
    assertUsernameMayBeUsed(username, { isOperator })
    return undefined
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

describe('a username', () => {
  it.each([
    ['nothing', ''],
    ['two letters', 'ab'],
    ['51 letters', 'a'.repeat(51)],
    ['a space within', 'a b'],
    ['a space behind', 'ada '],
    ['a space before', ' ada'],
    ['a line break behind', 'ada\n'],
    ['a control character', 'a\u0007da'],
    ['a NUL', 'ada\0'],
    ['a mark that reorders text', 'a\u202eda'],
    ['a space without width', 'ad\u200bda'],
    ['wide letters', 'ａｄａ'],
    ['a letter with a mark', 'adä'],
    ['a Cyrillic letter', 'аda'],
    ['an address', 'ada@example.com'],
    ['a path', '../ada'],
    ['half of a surrogate pair', 'ada\ud800'],
  ])('is refused to everybody when it is %s', (_what, username) => {
    expect(refusalOf(username, false)).toBe('accounts.username_invalid')
    expect(refusalOf(username, true)).toBe('accounts.username_invalid')
  })

  it('may be 3 to 50 letters, digits, _ and -', () => {
    for (const username of ['ada', 'Ada_L-1815', '---', '007', 'a'.repeat(50)]) {
      expect(refusalOf(username, false)).toBe(undefined)
    }
  })
})
