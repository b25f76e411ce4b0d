import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fixedClock } from '../../../testing/fixed-clock.ts'
import { createGrantGate, signGrant } from './grant.ts'
import { GRANT_LIFE_MS, type Grant, type UseClaims } from './protocol.ts'

const claims: UseClaims = {
  operation: 'use',
  owner: '0197c000-0000-7000-8000-000000000001',
  credential: '0197c000-0000-7000-8000-000000000002',
  purpose: 'positions',
  method: 'GET',
  path: '/v2/positions',
  query: '?a=1',
  actor: { sessionId: 's', tokenId: 't', address: '203.0.113.9', requestId: 'r' },
}

function setting() {
  const clock = fixedClock()
  const secret = createSecretKey(randomBytes(32))
  const gate = createGrantGate({ secret, clock })
  const sign = () => signGrant({ secret, clock }, claims)
  return { clock, secret, gate, sign }
}

const bodyOf = (text: string): Grant =>
  JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString())
const withBody = (text: string, body: object | string) => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return `${bytes.toString('base64url')}.${text.split('.')[1]}`
}

describe('a grant', () => {
  it('opens the door once, with the claims it was made for', () => {
    const { gate, sign } = setting()
    const text = sign()
    expect(gate(text)).toMatchObject(claims)
    expect(gate(text)).toBeUndefined()
    expect(gate(sign())).toMatchObject(claims)
  })

  it.each([
    ['owner', { owner: '0197c000-0000-7000-8000-000000000009' }],
    ['credential', { credential: '0197c000-0000-7000-8000-000000000009' }],
    ['operation', { operation: 'seal' }],
    ['purpose', { purpose: 'gateway' }],
    ['method', { method: 'POST' }],
    ['path', { path: '/v2/orders' }],
    ['query', { query: '' }],
    ['actor', { actor: { address: '203.0.113.10' } }],
    ['session', { actor: { ...claims.actor, sessionId: 'x' } }],
    ['token', { actor: { ...claims.actor, tokenId: 'x' } }],
    ['request', { actor: { ...claims.actor, requestId: 'x' } }],
    ['nonce', { nonce: 'another' }],
    ['expiry', { expiresAt: Number.MAX_SAFE_INTEGER }],
    ['a field more', { more: true }],
  ])('is refused with another %s', (_what, change) => {
    const { gate, sign } = setting()
    const text = sign()
    expect(gate(withBody(text, { ...bodyOf(text), ...change }))).toBeUndefined()
    expect(gate(text), 'the true one was not used up').toMatchObject(claims)
  })

  it('is refused with any one bit of it flipped', () => {
    const { gate, sign } = setting()
    const text = sign()
    for (const part of [0, 1]) {
      const bytes = text.split('.').map((each) => Buffer.from(each, 'base64url'))
      const chosen = bytes[part] ?? Buffer.alloc(0)
      for (let bit = 0; bit < chosen.length * 8; bit++) {
        const flipped = Buffer.from(chosen)
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        const parts = bytes.map((each, i) => (i === part ? flipped : each).toString('base64url'))
        expect(gate(parts.join('.'))).toBeUndefined()
      }
    }
    expect(gate(text)).toMatchObject(claims)
  })

  it('is refused when another secret signed it', () => {
    const { gate, clock } = setting()
    expect(gate(signGrant({ secret: createSecretKey(randomBytes(32)), clock }, claims))).toBeUndefined()
  })

  it('is good until it expires and not at that moment', () => {
    const { gate, sign, clock } = setting()
    const [early, late] = [sign(), sign()]
    clock.advance(GRANT_LIFE_MS - 1)
    expect(gate(early)).toMatchObject(claims)
    clock.advance(1)
    expect(gate(late)).toBeUndefined()
  })

  it('is refused when it was made for longer than grants live', () => {
    const { gate, sign, clock } = setting()
    const text = sign()
    clock.advance(-1)
    expect(gate(text)).toBeUndefined()
  })

  it('stays used for as long as it lives, and others beside it', () => {
    const { gate, sign, clock } = setting()
    const texts = Array.from({ length: 50 }, sign)
    for (const text of texts) expect(gate(text)).toBeDefined()
    clock.advance(GRANT_LIFE_MS - 1)
    for (const text of texts) expect(gate(text)).toBeUndefined()
  })

  it('is refused in every other form', () => {
    const { gate, sign, secret } = setting()
    const text = sign()
    const signed = (body: string) => {
      const bytes = Buffer.from(body)
      const mac = createHmac('sha256', secret).update(bytes).digest('base64url')
      return `${bytes.toString('base64url')}.${mac}`
    }
    const [body = '', mac = ''] = text.split('.')
    const malformed = [
      ...[
        '',
        '.',
        body,
        `${body}.`,
        `.${mac}`,
        `${text}.`,
        ` ${text}`,
        `${text}=`,
        `${body}.${mac.slice(0, 22)}`,
      ],
      ...['null', '[]', '{}', '{"operation":"use"}', 'no json'].map(signed),
      signed(JSON.stringify({ ...bodyOf(text), operation: 'open' })),
      signed(JSON.stringify({ ...bodyOf(text), expiresAt: String(bodyOf(text).expiresAt) })),
    ]
    for (const each of malformed) expect(gate(each), each).toBeUndefined()
    expect(gate(text)).toMatchObject(claims)
  })
})
