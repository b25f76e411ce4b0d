const ALPHABET = /^[A-Za-z0-9_-]*$/

/**
 * Decodes the one canonical base64url spelling of some bytes (RFC 4648 §5, no padding) and answers
 * `undefined` for every other text.
 *
 * Node alone skips foreign characters and ignores unused trailing bits, so that many texts give the same bytes; a token
 * must have exactly one spelling (RFC 4648 §3.5).
 */
export function decodeBase64Url(text: string): Buffer | undefined {
  if (!ALPHABET.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
