import { type KeyObject, sign, verify } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { parseJson } from '../parse-json.ts'
import { decodeBase64Url } from './base64url.ts'
import type { KeySet, SigningKey } from './key-ring.ts'
import { createUuidv7 } from './uuid.ts'
import { createVerifiedMemo } from './verified-memo.ts'

const ALGORITHM = 'Ed25519' // RFC 9864: names the curve, unlike the older "EdDSA"
const MEDIA_TYPE = 'at+jwt' // RFC 9068 §2.1
const MAX_LENGTH = 4096
const LEEWAY_SECONDS = 30
const MEMO_SIZE = 4096 // about 5 MB when full

/** What an access token is issued for. */
export interface AccessGrant {
  subject: string
  sessionId: string
  /** When the member last proved who they are (`auth_time`). */
  authenticatedAt: Date
  /** How they proved it (`amr`, RFC 8176). */
  methods: readonly string[]
}

/** What a verified access token says. Says nothing about whether the session still exists: look that up. */
export interface AccessClaims extends Readonly<AccessGrant> {
  readonly tokenId: string
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** A fresh token and what it says. */
export interface MintedAccessToken {
  readonly token: string
  readonly claims: AccessClaims
}

/** What access tokens are made and checked with. */
export interface AccessTokenOptions {
  /** The current key signs; every key of the set verifies. */
  keys: KeySet<SigningKey>
  issuer: string
  audience: string
  ttlSeconds: number
  clock: Clock
}

/** Signed, short-lived proof of a session: JWTs as in RFC 9068, signed with Ed25519, under the rules of RFC 8725. */
export interface AccessTokens {
  /** A new token; it ends at `notAfter` when that comes before its own time is over. */
  mint(grant: AccessGrant, notAfter?: Date): MintedAccessToken
  /**
   * The claims of a token that this instance minted and that is within its time (30 s leeway), else `undefined`; never throws.
   * Header and payload must be byte for byte as `mint` writes them, so no other algorithm, header or duplicate claim passes.
   */
  verify(token: string): AccessClaims | undefined
}

/** Makes the access tokens of one instance. */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { keys, issuer, audience, ttlSeconds, clock } = options
  const newTokenId = createUuidv7(clock)
  const currentHeader = headerOf(keys.current.id)
  const keyByHeader = new Map([...keys.byId.values()].map((key) => [headerOf(key.id), key.publicKey]))
  // Note: a verified text stays verified, so only the time is checked again. The session row decides about revocation.
  const memo = createVerifiedMemo<AccessClaims>(MEMO_SIZE)

  const prove = (token: string): AccessClaims | undefined => {
    const payload = provenPayload(token, keyByHeader)
    const claims = payload === undefined ? undefined : claimsOf(parseJson(payload))
    return claims !== undefined && payloadOf(claims, issuer, audience) === payload ? claims : undefined
  }

  return {
    mint(grant, notAfter) {
      const issuedAtMs = toSeconds(clock.now()) * 1000
      const endMs = notAfter === undefined ? Number.POSITIVE_INFINITY : toSeconds(notAfter) * 1000
      const claims: AccessClaims = {
        ...grant,
        methods: [...grant.methods],
        authenticatedAt: new Date(toSeconds(grant.authenticatedAt) * 1000),
        tokenId: newTokenId(),
        issuedAt: new Date(issuedAtMs),
        expiresAt: new Date(Math.min(issuedAtMs + ttlSeconds * 1000, endMs)),
      }
      const body = Buffer.from(payloadOf(claims, issuer, audience)).toString('base64url')
      const signed = `${currentHeader}.${body}`
      const signature = sign(null, Buffer.from(signed), keys.current.privateKey).toString('base64url')
      return { token: `${signed}.${signature}`, claims }
    },
    verify(token) {
      if (token.length > MAX_LENGTH) return undefined
      const known = memo.get(token)
      const claims = known ?? prove(token)
      if (claims === undefined) return undefined
      if (!isCurrent(claims, clock.now().getTime())) {
        memo.delete(token)
        return undefined
      }
      if (known === undefined) memo.set(token, claims)
      return claims
    },
  }
}

function provenPayload(token: string, keyByHeader: ReadonlyMap<string, KeyObject>): string | undefined {
  const [header = '', body = '', signature = '', ...rest] = token.split('.', 4)
  const key = keyByHeader.get(header)
  const bodyBytes = decodeBase64Url(body)
  const signatureBytes = decodeBase64Url(signature)
  if (key === undefined || bodyBytes === undefined || signatureBytes === undefined || rest.length > 0)
    return undefined
  const isSigned = verify(null, Buffer.from(`${header}.${body}`), key, signatureBytes)
  return isSigned ? bodyBytes.toString() : undefined
}

function isCurrent(claims: AccessClaims, nowMs: number): boolean {
  const leewayMs = LEEWAY_SECONDS * 1000
  return nowMs < claims.expiresAt.getTime() + leewayMs && nowMs >= claims.issuedAt.getTime() - leewayMs
}

function headerOf(keyId: string): string {
  return Buffer.from(JSON.stringify({ alg: ALGORITHM, typ: MEDIA_TYPE, kid: keyId })).toString('base64url')
}

function payloadOf(claims: AccessClaims, issuer: string, audience: string): string {
  return JSON.stringify({
    iss: issuer,
    aud: audience,
    sub: claims.subject,
    sid: claims.sessionId,
    jti: claims.tokenId,
    iat: toSeconds(claims.issuedAt),
    exp: toSeconds(claims.expiresAt),
    auth_time: toSeconds(claims.authenticatedAt),
    amr: claims.methods,
  })
}

function claimsOf(payload: unknown): AccessClaims | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { sub, sid, jti, iat, exp, auth_time, amr } = payload as Record<string, unknown>
  const isShaped = [sub, sid, jti].every(isText) && [iat, exp, auth_time].every(Number.isSafeInteger)
  if (!isShaped || !Array.isArray(amr) || !amr.every(isText)) return undefined
  return {
    subject: String(sub),
    sessionId: String(sid),
    tokenId: String(jti),
    methods: amr,
    issuedAt: new Date(Number(iat) * 1000),
    expiresAt: new Date(Number(exp) * 1000),
    authenticatedAt: new Date(Number(auth_time) * 1000),
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function toSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
