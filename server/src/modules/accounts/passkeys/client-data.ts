import { decodeBase64Url } from '../../../platform/crypto/base64url.ts'
import { parseJson } from '../../../platform/parse-json.ts'

/** What a browser signs along (WebAuthn Level 3, section 5.8.1), as an object; an empty one for every other text. */
function clientDataOf(clientDataJson: string): object {
  const bytes = decodeBase64Url(clientDataJson)
  const data = bytes && parseJson(bytes.toString('utf8'))
  return typeof data === 'object' && data !== null ? data : {}
}

/** The challenge that a browser's answer names, if any. Whether the rest of the answer is genuine is not looked at. */
export function challengeOf(clientDataJson: string): string | undefined {
  const data = clientDataOf(clientDataJson)
  return 'challenge' in data && typeof data.challenge === 'string' ? data.challenge : undefined
}

/** Whether an answer comes from a page that stands for itself: we never ask from inside another site's page. */
export function isFromTopPage(clientDataJson: string): boolean {
  const data = clientDataOf(clientDataJson)
  return !('topOrigin' in data) && (!('crossOrigin' in data) || data.crossOrigin === false)
}
