import { generateKeySync } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deriveRefreshToken, deriveSessionKey, isRefreshTokenOf, parseRefreshToken } from './refresh-token.ts'

const ringKey = generateKeySync('hmac', { length: 256 })
const sessionId = '01981122-3344-7abc-8def-0123456789ab'
const sessionKey = deriveSessionKey(ringKey, sessionId)

it('derives the same successor every time and another one for every counter, session and key', () => {
  const token = deriveRefreshToken(sessionKey, sessionId, 7)
  expect(deriveRefreshToken(deriveSessionKey(ringKey, sessionId), sessionId, 7)).toBe(token)
  expect(token).toMatch(/^[A-Za-z0-9_-]{72}$/)
  const otherSession = '01981122-3344-7abc-8def-0123456789ac'
  const otherKey = deriveSessionKey(generateKeySync('hmac', { length: 256 }), sessionId)
  const others = [
    deriveRefreshToken(sessionKey, sessionId, 8),
    deriveRefreshToken(deriveSessionKey(ringKey, otherSession), otherSession, 7),
    deriveRefreshToken(otherKey, sessionId, 7),
  ]
  expect(new Set([token, ...others].map((text) => text.slice(-43))).size).toBe(4)
})

it('reads back what it derived', () => {
  const counters = fc.integer({ min: 0, max: 2 ** 40 - 1 })
  fc.assert(
    fc.property(counters, (counter) => {
      const parsed = parseRefreshToken(deriveRefreshToken(sessionKey, sessionId, counter))
      expect(parsed).toMatchObject({ sessionId, counter })
      expect(parsed !== undefined && isRefreshTokenOf(sessionKey, parsed)).toBe(true)
    }),
  )
})

it('accepts no token with a changed character', () => {
  const token = deriveRefreshToken(sessionKey, sessionId, 3)
  for (let at = 0; at < token.length; at += 1) {
    for (const character of 'AQz_') {
      if (token[at] === character) continue
      const parsed = parseRefreshToken(token.slice(0, at) + character + token.slice(at + 1))
      expect(parsed !== undefined && isRefreshTokenOf(sessionKey, parsed)).toBe(false)
    }
  }
})

it('refuses other spellings and lengths', () => {
  const token = deriveRefreshToken(sessionKey, sessionId, 3)
  for (const text of [
    '',
    token.slice(1),
    `${token}A`,
    `${token}=`,
    `${token.slice(0, -1)} `,
    'A'.repeat(72),
  ]) {
    expect(parseRefreshToken(text)).toBeUndefined()
  }
})

it('refuses a session id that is not a UUID and a counter out of range', () => {
  expect(() => deriveRefreshToken(sessionKey, 'me', 0)).toThrow(RangeError)
  for (const counter of [-1, 0.5, 2 ** 40, Number.NaN]) {
    expect(() => deriveRefreshToken(sessionKey, sessionId, counter)).toThrow(RangeError)
  }
})
