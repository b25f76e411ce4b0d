import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type AccessTokenOptions, createAccessTokens } from './access-token.ts'
import type { KeySet, SigningKey } from './key-ring.ts'

const signingKey = (id: string): SigningKey => ({ id, ...generateKeyPairSync('ed25519') })
const keySet = (current: SigningKey, ...previous: SigningKey[]): KeySet<SigningKey> => ({
  current,
  byId: new Map([current, ...previous].map((key) => [key.id, key])),
})
const key = signingKey('aaaaaaa')
const startMs = Date.UTC(2030, 0, 1)
const time = { nowMs: startMs }
const options: AccessTokenOptions = {
  keys: keySet(key),
  issuer: 'https://example.test',
  audience: 'https://example.test',
  ttlSeconds: 1800,
  clock: { now: () => new Date(time.nowMs) },
}
const tokens = () => createAccessTokens(options)
const grant = {
  subject: '01981122-3344-7abc-8def-0123456789ab',
  sessionId: '01981122-3344-7abc-8def-0123456789cd',
  authenticatedAt: new Date(startMs - 60_000),
  methods: ['pwd', 'otp'],
}
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const forge = (header: unknown, payload: unknown, privateKey: KeyObject = key.privateKey) => {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}
const decoded = (token: string) => {
  const [header = '', payload = ''] = token
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString())
  return { header: JSON.parse(header), payload: JSON.parse(payload), payloadText: payload }
}

describe('a minted token', () => {
  it('verifies to the claims it was minted with', () => {
    const { token, claims } = tokens().mint(grant)
    expect(tokens().verify(token)).toEqual(claims)
    expect(claims).toMatchObject(grant)
    expect(claims.expiresAt).toEqual(new Date(startMs + 1_800_000))
  })

  it('carries the claims of RFC 9068 and nothing else', () => {
    const { header, payload } = decoded(tokens().mint(grant).token)
    expect(header).toEqual({ alg: 'Ed25519', typ: 'at+jwt', kid: 'aaaaaaa' })
    expect(Object.keys(payload)).toEqual([
      'iss',
      'aud',
      'sub',
      'sid',
      'jti',
      'iat',
      'exp',
      'auth_time',
      'amr',
    ])
  })

  it('verifies with an independent implementation', async () => {
    const { token } = tokens().mint(grant)
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ['Ed25519'],
      typ: 'at+jwt',
      issuer: options.issuer,
      audience: options.audience,
      currentDate: new Date(startMs),
    })
    expect(payload).toMatchObject({ sub: grant.subject, sid: grant.sessionId, amr: ['pwd', 'otp'] })
  })

  it('has an id of its own each time', () => {
    const minter = tokens()
    expect(new Set(Array.from({ length: 100 }, () => minter.mint(grant).claims.tokenId)).size).toBe(100)
  })

  it('verifies after its key was replaced, and no longer once that key is gone', () => {
    const { token } = tokens().mint(grant)
    const next = signingKey('bbbbbbb')
    expect(createAccessTokens({ ...options, keys: keySet(next, key) }).verify(token)).toBeDefined()
    expect(createAccessTokens({ ...options, keys: keySet(next) }).verify(token)).toBeUndefined()
  })
})

describe('time', () => {
  it('is checked on every verification, also of a remembered token, with 30 seconds of leeway', () => {
    const verifier = tokens()
    const { token } = verifier.mint(grant)
    const isAcceptedAt = (ms: number) => {
      time.nowMs = ms
      const isAccepted = verifier.verify(token) !== undefined
      time.nowMs = startMs
      return isAccepted
    }
    expect(isAcceptedAt(startMs)).toBe(true)
    expect(isAcceptedAt(startMs + 1_829_999)).toBe(true)
    expect(isAcceptedAt(startMs + 1_830_000)).toBe(false)
    expect(isAcceptedAt(startMs - 30_000)).toBe(true)
    expect(isAcceptedAt(startMs - 30_001)).toBe(false)
    expect(isAcceptedAt(startMs)).toBe(true)
  })
})

describe('a token that was not minted here', () => {
  const { token } = tokens().mint(grant)
  const { header, payload, payloadText } = decoded(token)
  const rejects = (text: string) => expect(tokens().verify(text)).toBeUndefined()

  it('is refused with any other header, even one signed with the right key', () => {
    const spki = key.publicKey.export({ type: 'spki', format: 'der' })
    const headers = [
      { ...header, alg: 'none' },
      { ...header, alg: 'EdDSA' },
      { ...header, alg: 'HS256' },
      { ...header, typ: 'JWT' },
      { alg: header.alg, kid: header.kid },
      { alg: header.alg, typ: header.typ },
      { ...header, kid: 'zzzzzzz' },
      { ...header, crit: ['exp'] },
      { ...header, jku: 'https://attacker.test/jwks' },
      { ...header, x5u: 'https://attacker.test/cert' },
      { ...header, jwk: key.publicKey.export({ format: 'jwk' }) },
      { typ: header.typ, alg: header.alg, kid: header.kid },
      `{"alg":"Ed25519","alg":"Ed25519","typ":"at+jwt","kid":"aaaaaaa"}`,
    ]
    for (const other of headers) rejects(forge(other, payload))
    const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(payload)}`
    rejects(`${signed}.${createHmac('sha256', spki).update(signed).digest('base64url')}`)
    rejects(`${encode({ ...header, alg: 'none' })}.${encode(payload)}.`)
    expect(tokens().verify(forge(header, payload))).toBeDefined()
  })

  it('is refused with any other payload, even one signed with the right key', () => {
    const payloads = [
      { ...payload, iss: 'https://other.test' },
      { ...payload, aud: 'https://other.test' },
      { ...payload, aud: [payload.aud] },
      { ...payload, exp: String(payload.exp) },
      { ...payload, exp: payload.exp + 0.5 },
      { ...payload, sub: '' },
      { ...payload, sub: null },
      { ...payload, amr: 'pwd' },
      { ...payload, admin: true },
      { ...payload, sid: undefined },
      payloadText.replace('"sub":', '"sub":"someone-else","sub":'),
      payloadText.replace(/}$/, ',"sub":"someone-else"}'),
      ` ${payloadText}`,
      '[]',
      'null',
      '{}',
      'x',
      '',
    ]
    for (const other of payloads) rejects(forge(header, other))
  })

  it('is refused when another key signed it', async () => {
    const other = signingKey('aaaaaaa')
    rejects(forge(header, payload, other.privateKey))
    rejects(await new SignJWT(payload).setProtectedHeader(header).sign(other.privateKey))
  })

  it('is refused over 4 KiB, before anything is decoded', () => {
    const long = tokens().mint({ ...grant, methods: ['x'.repeat(4_000)] }).token
    expect(long.length).toBeGreaterThan(4_096)
    rejects(long)
  })

  it('is refused in all of 100,000 mutations of a good one, also beside its remembered original', () => {
    const verifier = tokens()
    expect(verifier.verify(token)).toBeDefined()
    const alphabet = [...'ABCabc019-_=+/. \n\0é', token[0] ?? '']
    const position = fc.nat({ max: token.length })
    const mutation = fc
      .oneof(
        fc
          .tuple(position, fc.constantFrom(...alphabet))
          .map(([at, c]) => token.slice(0, at) + c + token.slice(at + 1)),
        fc
          .tuple(position, fc.constantFrom(...alphabet))
          .map(([at, c]) => token.slice(0, at) + c + token.slice(at)),
        fc.tuple(position, position).map(([from, to]) => token.slice(0, from) + token.slice(to)),
        fc.tuple(position, position).map(([from, to]) => token.slice(from, to)),
        fc.shuffledSubarray(token.split('.'), { minLength: 1 }).map((parts) => parts.join('.')),
        fc.string({ unit: 'binary', maxLength: 300 }),
      )
      .filter((text) => text !== token)
    let accepted = 0
    fc.assert(
      fc.property(mutation, (text) => {
        if (verifier.verify(text) !== undefined) accepted += 1
      }),
      { numRuns: 100_000 },
    )
    expect(accepted).toBe(0)
  })

  it('is refused with any other last character of a part that spells the same bytes', () => {
    for (const [index, part] of token.split('.').entries()) {
      for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        const parts = token.split('.')
        parts[index] = part.slice(0, -1) + c
        if (parts[index] !== part) rejects(parts.join('.'))
      }
    }
  })
})
