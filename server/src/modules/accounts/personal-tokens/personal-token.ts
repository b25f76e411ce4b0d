import { createOpaqueToken, isOpaqueToken } from '../../../platform/crypto/opaque-token.ts'

/** By this, people know what they found, and so do the scanners that look for secrets in published code. */
const PREFIX = 'outcry_pat_'

/** The text of a new personal access token: the prefix and 256 random bits. Show it once. */
export function createPersonalTokenText(): string {
  return PREFIX + createOpaqueToken()
}

/** Whether the text has the form of a personal access token. Says nothing about who issued it. */
export function isPersonalTokenText(text: string): boolean {
  return text.startsWith(PREFIX) && isOpaqueToken(text.slice(PREFIX.length))
}
