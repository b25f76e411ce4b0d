import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { decodeBase64Url } from './base64url.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { equalDigests } from './opaque-token.ts'
import { isUuid } from './uuid.ts'

const VERSION = 1
const MAC_AT = 22 // version 1, session id 16, counter 5; with the MAC 54 bytes, which base64url spells without spare bits
const TOKEN_BYTES = MAC_AT + 32
const TOKEN_LENGTH = (TOKEN_BYTES / 3) * 4
const MAX_COUNTER = 2 ** 40 - 1

/** What a refresh token says about itself. Nothing of it is proven until `isRefreshTokenOf` has agreed. */
export interface ParsedRefreshToken {
  sessionId: string
  /** 0 for the token issued at sign-in, one more with every rotation. */
  counter: number
  mac: Uint8Array
}

/**
 * The key that one session's refresh tokens are made with, from the ring's refresh key. Never stored: the database alone
 * gives no usable token. Keep the ring key's id with the session, to find the key again after it was replaced.
 */
export function deriveSessionKey(ringKey: KeyObject, sessionId: string): KeyObject {
  const derived = createHmac('sha256', ringKey)
    .update(lengthPrefixed(['refresh-session', sessionId]))
    .digest()
  const key = createSecretKey(derived)
  derived.fill(0)
  return key
}

/**
 * The refresh token of a session at a counter: always the same text for the same arguments, so that a lost answer can be
 * given again without storing anything usable. 72 characters.
 */
export function deriveRefreshToken(sessionKey: KeyObject, sessionId: string, counter: number): string {
  if (!isUuid(sessionId)) throw new RangeError('A refresh token needs a session id that is a UUID.')
  if (!Number.isInteger(counter) || counter < 0 || counter > MAX_COUNTER) {
    throw new RangeError('A refresh counter must be a whole number from 0 to 2^40 - 1.')
  }
  const token = Buffer.alloc(TOKEN_BYTES)
  token.writeUInt8(VERSION, 0)
  token.write(sessionId.replaceAll('-', ''), 1, 'hex')
  token.writeUIntBE(counter, 17, 5)
  macOf(sessionKey, sessionId, counter).copy(token, MAC_AT)
  return token.toString('base64url')
}

/** Reads a refresh token's canonical spelling; `undefined` for any other text. Proves nothing about who made it. */
export function parseRefreshToken(text: string): ParsedRefreshToken | undefined {
  const bytes = text.length === TOKEN_LENGTH ? decodeBase64Url(text) : undefined
  if (bytes?.[0] !== VERSION) return undefined
  const sessionId = bytes
    .toString('hex', 1, 17)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  if (!isUuid(sessionId)) return undefined
  return { sessionId, counter: bytes.readUIntBE(17, 5), mac: bytes.subarray(MAC_AT) }
}

/** Whether a parsed token was made with this session key; compares in constant time. */
export function isRefreshTokenOf(sessionKey: KeyObject, token: ParsedRefreshToken): boolean {
  return equalDigests(token.mac, macOf(sessionKey, token.sessionId, token.counter))
}

function macOf(sessionKey: KeyObject, sessionId: string, counter: number): Buffer {
  return createHmac('sha256', sessionKey)
    .update(lengthPrefixed(['refresh-token', sessionId, String(counter)]))
    .digest()
}
