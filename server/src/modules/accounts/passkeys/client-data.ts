import { decodeBase64Url } from '../../../platform/crypto/base64url.ts'
import { parseJson } from '../../../platform/parse-json.ts'

/**
 * The challenge that a browser's answer names; `undefined` for what is no client data and for an answer from a page
 * inside another site's, which we never ask for (WebAuthn Level 3, sections 5.8.1, 7.1 and 7.2). Type, origin and the
 * challenge itself are for the verification to check.
 */
export function challengeOf(clientDataJson: string): string | undefined {
  const bytes = decodeBase64Url(clientDataJson)
  const data = bytes && parseJson(bytes.toString('utf8'))
  if (typeof data !== 'object' || data === null) return undefined
  const isFramed = 'topOrigin' in data || ('crossOrigin' in data && data.crossOrigin !== false)
  if (isFramed || !('challenge' in data) || typeof data.challenge !== 'string') return undefined
  return data.challenge
}
