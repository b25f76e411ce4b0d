import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createRecoveryCodes, digestRecoveryCode } from './recovery-codes.ts'

describe('backup codes', () => {
  it('are ten of 120 random bits, in groups of four', () => {
    const codes = Array.from({ length: 100 }, () => createRecoveryCodes())
    for (const set of codes) expect(set).toHaveLength(10)
    expect(new Set(codes.flat()).size).toBe(1_000)
    for (const code of codes.flat()) expect(code).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){5}$/)
    const firsts = new Set(codes.flat().map((code) => code[0]))
    expect(firsts.size).toBe(32)
  })

  it('are one code in capital and small letters, with and without hyphens', () => {
    const spellings = [
      'ABCD-EFGH-IJKL-MNOP-QRST-UVWX',
      'abcd-efgh-ijkl-mnop-qrst-uvwx',
      'ABCDEFGHIJKLMNOPQRSTUVWX',
      'abcdefghIJKLmnopqrstuvwx',
    ]
    const digest = createHash('sha256').update('ABCDEFGHIJKLMNOPQRSTUVWX').digest('hex')
    for (const spelling of spellings) {
      expect(Buffer.from(digestRecoveryCode(spelling) ?? []).toString('hex')).toBe(digest)
    }
  })

  it.each([
    '',
    '123456',
    'ABCDEFGHIJKLMNOPQRSTUVW',
    'ABCDEFGHIJKLMNOPQRSTUVWXY',
    'ABCD-EFGHIJKLMNOPQRSTUVWX',
    'ABCD-EFGH-IJKL-MNOP-QRST-UVWX-',
    'ABCD EFGH IJKL MNOP QRST UVWX',
    ' ABCDEFGHIJKLMNOPQRSTUVWX',
    'ABCDEFGHIJKLMNOPQRSTUVWX\n',
    'ABCDEFGHIJKLMNOPQRSTUVW1',
    'ABCDEFGHIJKLMNOPQRSTUVW8',
    'ABCDEFGHIJKLMNOPQR\u017fTUVWX',
    'ABCDEFGHIJ\u212aLMNOPQRSTUVWX',
    'ＡBCDEFGHIJKLMNOPQRSTUVWX',
  ])('are not spelled %j', (text) => {
    expect(digestRecoveryCode(text)).toBeUndefined()
  })
})
