import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { decodeBase64Url } from './base64url.ts'

const TOKEN_BYTES = 32

/** A new token of 256 random bits, 43 characters of base64url. Show it once; store only its digest. */
export function createOpaqueToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** Whether the text is the canonical spelling of 256 bits. Says nothing about who issued it. */
export function isOpaqueToken(text: string): boolean {
  return text.length === 43 && decodeBase64Url(text)?.length === TOKEN_BYTES
}

/**
 * SHA-256 of a token's text: what the database keeps and looks a token up by. Only for tokens of at least 112 random bits,
 * where a plain hash cannot be guessed back (ASVS 6.5.2).
 */
export function digestToken(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Compares two digests in a time that says nothing about where they differ. Digests of unequal length are not equal. */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
