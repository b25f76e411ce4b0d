import { generateSync, generateURI } from 'otplib'
import { describe, expect, it } from 'vitest'
import { createTotpSeed, describeSeed, isTotpCode, matchingSteps, stepOf } from './totp.ts'

const RFC_SEED = Buffer.from('12345678901234567890')
const at = (seconds: number) => new Date(seconds * 1_000)

describe('a code', () => {
  // RFC 6238, appendix B, SHA-1; six digits are the last six of its eight.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('of the seed of RFC 6238 at %i s is %s', (seconds, code) => {
    expect(matchingSteps(RFC_SEED, code, at(seconds))).toEqual([Math.floor(seconds / 30)])
  })

  it('is taken one step early and late and no further, by the clock alone', () => {
    const seed = createTotpSeed()
    const { secret } = describeSeed(seed, { issuer: 'Site', label: 'ada' })
    const now = at(1_900_000_015)
    const codeOf = (drift: number) => generateSync({ secret, epoch: 1_900_000_015 + 30 * drift })
    for (const drift of [-1, 0, 1]) {
      expect(matchingSteps(seed, codeOf(drift), now)).toContain(stepOf(now) + drift)
    }
    for (const drift of [-3, -2, 2, 3]) {
      expect(matchingSteps(seed, codeOf(drift), now)).not.toContain(stepOf(now) + drift)
    }
  })

  it.each([
    '',
    '12345',
    '1234567',
    ' 123456',
    '123456 ',
    '123456\n',
    '12 3456',
    '123-456',
    '+12345',
    '1e1000',
    '0x1234',
    '١٢٣٤٥٦',
    '１２３４５６',
    '12345６',
    '𝟏𝟐𝟑𝟒𝟓𝟔',
    '123456\u0000',
    '\u200b123456',
  ])('is not spelled %j', (text) => {
    expect(isTotpCode(text)).toBe(false)
    expect(matchingSteps(RFC_SEED, text, at(59))).toEqual([])
  })
})

describe('a seed', () => {
  it('has 160 bits of its own each time', () => {
    const seeds = Array.from({ length: 100 }, () => Buffer.from(createTotpSeed()).toString('hex'))
    expect(new Set(seeds).size).toBe(100)
    for (const seed of seeds) expect(seed).toHaveLength(40)
  })

  it('is described as apps read it', () => {
    const { secret, uri } = describeSeed(RFC_SEED, { issuer: 'The: Site & Co', label: 'ada_l' })
    expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    const url = new URL(uri)
    expect(`${url.protocol}//${url.host}`).toBe('otpauth://totp')
    expect(decodeURIComponent(url.pathname)).toBe('/The: Site & Co:ada_l')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      issuer: 'The: Site & Co',
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
    const theirs = new URL(generateURI({ issuer: 'The: Site & Co', label: 'ada_l', secret }))
    expect([theirs.host, theirs.searchParams.get('secret')]).toEqual([url.host, secret])
  })
})
