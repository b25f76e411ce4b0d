import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMON_PASSWORDS } from '../../testing/common-passwords.ts'
import { COMMON_PASSWORDS_FILE, openPasswordFilter, type PasswordFilter } from './password-filter.ts'
import { createPasswordRules, type PasswordOwner } from './password-rules.ts'

let common: PasswordFilter
beforeAll(async () => {
  common = await openPasswordFilter(COMMON_PASSWORDS_FILE)
})
afterAll(() => common.close())

const faults = (password: string, owner: PasswordOwner = {}, minLength = 12) =>
  createPasswordRules({ minLength, siteName: 'Outcry', filters: [common] })(password, owner).map(
    ({ fault }) => fault,
  )

describe('length', () => {
  it.each([
    ['one under', 'k7#qLw9!zRt', ['too_short']],
    ['exactly enough', 'k7#qLw9!zRtx', []],
    ['64 characters', 'k7#q'.repeat(16), []],
    ['256 characters', 'k7#q'.repeat(64), []],
    ['257 characters', `${'k7#q'.repeat(64)}x`, ['too_long']],
    ['12 emoji, each two UTF-16 units', '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧', []],
    ['11 emoji', '🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔', ['too_short']],
    ['256 characters of four bytes', '🦊'.repeat(256), []],
    ['15 spaces and emoji', '  🦊   🐻     🐼 ', []],
  ])('is counted in code points: %s', (_what, password, expected) => {
    expect(faults(password)).toEqual(expected)
  })

  it('is refused without reading a huge text', () => {
    const huge = 'x'.repeat(50_000_000)
    const started = performance.now()
    expect(faults(huge)).toEqual(['too_long'])
    expect(performance.now() - started).toBeLessThan(20)
  })

  it('follows the setting', () => {
    expect(faults('k7#qLw9!', {}, 8)).toEqual([])
    expect(faults('k7#qLw9!zRtxyz', {}, 15)).toEqual(['too_short'])
  })
})

describe('common passwords', () => {
  it('are refused, 50 out of 50', () => {
    expect(COMMON_PASSWORDS).toHaveLength(50)
    expect(COMMON_PASSWORDS.filter((password) => !faults(password, {}, 8).includes('common'))).toEqual([])
  })

  it.each(['PASSWORD1234', 'Password1234', 'ｐａｓｓｗｏｒｄ１２３４'])(
    'are refused in other spellings: %s',
    (password) => {
      expect(faults(password)).toContain('common')
    },
  )

  it('are said to be too short as well where they are', () => {
    expect(faults('password')).toEqual(['too_short', 'common'])
  })
})

describe('names', () => {
  const owner = { username: 'JaneTrader', email: 'jane.doe@example.test' }

  it.each([
    ['the username', 'xx-janetrader-91'],
    ['the username in capitals', 'xx-JANETRADER-91'],
    ['the username in full-width letters', 'xx-ｊａｎｅｔｒａｄｅｒ-91'],
    ['the e-mail address', 'Jane.Doe@Example.Test'],
    ['the name in the e-mail address', '!!jane.doe!!2031'],
    ['the name of the site', 'my outcry passphrase'],
  ])('are refused inside a password: %s', (_what, password) => {
    expect(faults(password, owner)).toEqual(['contains_name'])
  })

  it('of one or two letters refuse nothing', () => {
    expect(faults('a long passphrase of mine', { username: 'a', email: 'be@example.test' })).toEqual([])
  })

  it('that are not known refuse nothing', () => {
    expect(faults('a long passphrase of mine', { email: '' })).toEqual([])
    expect(faults('a long passphrase of mine', { email: 'no-at-sign' })).toEqual([])
  })
})

it.each(['lone surrogate \ud800 here', 'a NUL \0 in the middle', 'a line\nbreak in it'])(
  'refuses a text that cannot be kept as typed',
  (password) => {
    expect(faults(password)).toEqual(['malformed'])
  },
)

it('says why in one sentence without the password', () => {
  const check = createPasswordRules({ minLength: 12, siteName: 'Outcry', filters: [common] })
  const problems = ['short', 'password1234', 'outcry for ever!', 'x'.repeat(300)].flatMap((password) =>
    check(password, {}),
  )
  expect(problems.map(({ message }) => message)).toEqual([
    'Use at least 12 characters for the password.',
    'This password is on the list of common passwords; choose another one.',
    'The password must not contain the name of this site.',
    'Use at most 256 characters (1024 bytes) for the password.',
  ])
})
