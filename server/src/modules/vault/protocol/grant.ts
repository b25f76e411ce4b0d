import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../../platform/clock.ts'
import { decodeBase64Url } from '../../../platform/crypto/base64url.ts'
import { parseJson } from '../../../platform/parse-json.ts'
import { GRANT_LIFE_MS, type Grant, type GrantClaims } from './protocol.ts'

const NONCE_BYTES = 16
/** More grants than this within their life are refused: the memory of those that were used stays bounded. */
const REMEMBERED_MAX = 200_000

interface GrantParts {
  /** 256 bits that the server and its vault process share, made anew at each start of the process. */
  readonly secret: KeyObject
  readonly clock: Clock
}

const macOf = (secret: KeyObject, signed: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(signed).digest()

/** Signs what one request may do: good once, for `GRANT_LIFE_MS`. */
export function signGrant({ secret, clock }: GrantParts, claims: GrantClaims): string {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url')
  const grant: Grant = { ...claims, nonce, expiresAt: clock.now().getTime() + GRANT_LIFE_MS }
  const signed = Buffer.from(JSON.stringify(grant))
  return `${signed.toString('base64url')}.${macOf(secret, signed).toString('base64url')}`
}

function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null) return false
  const isKnown = 'operation' in value && (value.operation === 'use' || value.operation === 'seal')
  const isDated = 'expiresAt' in value && Number.isSafeInteger(value.expiresAt)
  return isKnown && isDated && 'nonce' in value && typeof value.nonce === 'string'
}

function openGrant(secret: KeyObject, text: string): Grant | undefined {
  const [body = '', mac = '', ...rest] = text.split('.')
  const signed = decodeBase64Url(body)
  const given = decodeBase64Url(mac)
  if (rest.length > 0 || signed === undefined || given === undefined) return undefined
  const expected = macOf(secret, signed)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const grant = parseJson(signed.toString())
  return isGrant(grant) ? grant : undefined
}

/**
 * The vault's door: gives the claims of a grant that is signed, in time and seen for the first time, and `undefined` for
 * every other text, never saying which of these it was.
 */
export function createGrantGate({ secret, clock }: GrantParts): (text: string) => Grant | undefined {
  const used = new Map<string, number>()
  const forgetExpired = (nowMs: number) => {
    for (const [nonce, expiresAt] of used) {
      if (expiresAt > nowMs) break
      used.delete(nonce)
    }
  }
  return (text) => {
    const grant = openGrant(secret, text)
    const nowMs = clock.now().getTime()
    if (grant === undefined || grant.expiresAt <= nowMs || grant.expiresAt > nowMs + GRANT_LIFE_MS) {
      return undefined
    }
    forgetExpired(nowMs)
    if (used.has(grant.nonce) || used.size >= REMEMBERED_MAX) return undefined
    used.set(grant.nonce, grant.expiresAt)
    return grant
  }
}
