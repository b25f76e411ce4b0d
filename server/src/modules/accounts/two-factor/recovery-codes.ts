import { getRandomValues } from 'node:crypto'
import { Secret } from 'otpauth'
import { digestToken } from '../../../platform/crypto/opaque-token.ts'

const COUNT = 10 // C17
const BYTES = 15 // 120 bits, 24 characters of base32
const SPELLING = /^(?:[A-Za-z2-7]{24}|[A-Za-z2-7]{4}(?:-[A-Za-z2-7]{4}){5})$/

function createCode(): string {
  const { base32 } = new Secret({ buffer: getRandomValues(new Uint8Array(BYTES)).buffer })
  return (base32.match(/.{4}/g) ?? []).join('-')
}

/** Ten new codes in groups of four characters. Show them once; store only their digests. */
export function createRecoveryCodes(): string[] {
  return Array.from({ length: COUNT }, createCode)
}

/**
 * What the database keeps of a recovery code. People copy them by hand, so small letters and a code without any of its
 * hyphens are the same code; `undefined` for every other spelling.
 */
export function digestRecoveryCode(text: string): Uint8Array | undefined {
  return SPELLING.test(text) ? digestToken(text.replaceAll('-', '').toUpperCase()) : undefined
}
