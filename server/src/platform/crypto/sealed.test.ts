import { generateKeySync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataKeyOf } from '../../testing/data-key-of.ts'
import type { KeySet, SecretKey } from './key-ring.ts'
import { createSealer, type SealBinding, SealIntegrityError, UnknownKeyError } from './sealed.ts'

const secretKey = (id: string): SecretKey => ({ id, key: generateKeySync('aes', { length: 256 }) })
const keySet = (current: SecretKey, ...previous: SecretKey[]): KeySet<SecretKey> => ({
  current,
  byId: new Map([current, ...previous].map((key) => [key.id, key])),
})
const first = secretKey('aaaaaaa')
const sealer = createSealer(keySet(first))
const binding: SealBinding = {
  table: 'user_credentials',
  record: '01981122-3344-7abc-8def-0123456789ab',
  owner: '01981122-3344-7abc-8def-0123456789ff',
  field: 'api_key',
  version: 3,
  context: ['alpaca', 'paper'],
}
const secret = 'canary-5f1c77-secret-value'
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('a sealed value', () => {
  it('opens to any bytes that went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (plaintext) => {
        expect(Buffer.from(sealer.open(binding, sealer.seal(binding, plaintext)))).toEqual(
          Buffer.from(plaintext),
        )
      }),
    )
  })

  it('opens to any text, under any binding', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    const anyBinding = fc.record({
      table: text,
      record: text,
      owner: text,
      field: text,
      version: fc.nat(),
      context: fc.array(text),
    })
    fc.assert(
      fc.property(anyBinding, text, (place, plaintext) => {
        expect(textOf(sealer.open(place, sealer.seal(place, plaintext)))).toBe(plaintext)
      }),
    )
  })

  it('carries its header and key id, shows no plaintext, and never repeats', () => {
    const sealed = Buffer.from(sealer.seal(binding, secret))
    expect(sealed.subarray(0, 14).toString('latin1')).toBe('SEAL\x02\x01\x07aaaaaaa')
    expect(sealer.keyIdOf(sealed)).toBe('aaaaaaa')
    for (const shown of [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
    ]) {
      expect(sealed.includes(shown)).toBe(false)
    }
    expect(sealed.equals(Buffer.from(sealer.seal(binding, secret)))).toBe(false)
  })

  it('leaves the bytes it was given as they were', () => {
    const plaintext = Buffer.from(secret)
    sealer.seal(binding, plaintext)
    expect(plaintext.toString()).toBe(secret)
  })
})

describe('a sealed value that was touched', () => {
  const fails = (sealed: Uint8Array, place = binding) => {
    expect(() => sealer.open(place, sealed)).toThrow(/sealed value|no key/)
  }

  it('does not open after any single bit of any byte was flipped', () => {
    const sealed = Buffer.from(sealer.seal(binding, secret))
    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(sealed)
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at)
        fails(changed)
      }
    }
  })

  it('does not open at any shorter length, nor with bytes added', () => {
    const sealed = sealer.seal(binding, secret)
    for (let length = 0; length < sealed.length; length += 1) fails(sealed.subarray(0, length))
    fails(Buffer.concat([sealed, Buffer.alloc(1)]))
  })

  it.each([4, 8, 12])('does not open with its tag cut to %i bytes', (tagBytes) => {
    for (const plaintext of ['', secret]) {
      const sealed = sealer.seal(binding, plaintext)
      fails(sealed.subarray(0, sealed.length - 16 + tagBytes))
    }
  })

  const moved: [string, Partial<SealBinding>][] = [
    ['table', { table: 'users' }],
    ['record', { record: '01981122-3344-7abc-8def-0123456789aa' }],
    ['owner', { owner: '01981122-3344-7abc-8def-0123456789fe' }],
    ['field', { field: 'secret_key' }],
    ['version', { version: 2 }],
    ['environment', { context: ['alpaca', 'live'] }],
    ['provider', { context: ['other', 'paper'] }],
    ['context order', { context: ['paper', 'alpaca'] }],
    ['context length', { context: ['alpaca'] }],
    ['context boundary', { context: ['alpacap', 'aper'] }],
  ]
  it.each(moved)('does not open under another %s, nor is it rewrapped there', (_what, change) => {
    const sealed = sealer.seal(binding, secret)
    const elsewhere = { ...binding, ...change }
    expect(() => sealer.open(elsewhere, sealed)).toThrow(SealIntegrityError)
    expect(() => sealer.rewrap(elsewhere, sealed)).toThrow(SealIntegrityError)
  })

  it('does not open with the wrapped key or the data of another value', () => {
    const sealed = Buffer.from(sealer.seal(binding, secret))
    const other = Buffer.from(sealer.seal(binding, 'other-5f1c77-secret-value!'))
    const dataAt = 14 + 32 + 12 + 32 + 16
    fails(Buffer.concat([sealed.subarray(0, dataAt), other.subarray(dataAt)]))
    fails(Buffer.concat([other.subarray(0, dataAt), sealed.subarray(dataAt)]))
  })

  it('does not open with the salt of another value, nor with its wrap under that', () => {
    const sealed = Buffer.from(sealer.seal(binding, secret))
    const other = Buffer.from(sealer.seal(binding, secret))
    const [saltAt, wrappedAt, dataAt] = [14, 14 + 32, 14 + 32 + 12 + 32 + 16]
    fails(
      Buffer.concat([
        sealed.subarray(0, saltAt),
        other.subarray(saltAt, wrappedAt),
        sealed.subarray(wrappedAt),
      ]),
    )
    fails(
      Buffer.concat([
        sealed.subarray(0, wrappedAt),
        other.subarray(wrappedAt, dataAt),
        sealed.subarray(dataAt),
      ]),
    )
  })
})

describe('keys', () => {
  const second = secretKey('bbbbbbb')
  const rotated = createSealer(keySet(second, first))

  it('names the key it lacks', () => {
    const sealed = rotated.seal(binding, secret)
    expect(() => sealer.open(binding, sealed)).toThrow(UnknownKeyError)
    expect(() => sealer.open(binding, sealed)).toThrow(expect.objectContaining({ keyId: 'bbbbbbb' }))
  })

  it('does not open with another key of the same id', () => {
    const impostor = createSealer(keySet(secretKey('aaaaaaa')))
    expect(() => impostor.open(binding, sealer.seal(binding, secret))).toThrow(SealIntegrityError)
  })

  it('rewraps under the current key without touching the data, and the old key is then no longer needed', () => {
    const sealed = sealer.seal(binding, secret)
    const rewrapped = rotated.rewrap(binding, sealed)
    expect(rotated.keyIdOf(rewrapped)).toBe('bbbbbbb')
    expect(Buffer.from(rewrapped).subarray(-42)).toEqual(Buffer.from(sealed).subarray(-42))
    expect(textOf(createSealer(keySet(second)).open(binding, rewrapped))).toBe(secret)
    expect(textOf(rotated.open(binding, sealed))).toBe(secret)
  })

  it('seals the data itself anew, under a fresh data key, where the key before is compromised', () => {
    const known = { ...first, isCompromised: true }
    const after = createSealer(keySet(second, known))
    const sealed = sealer.seal(binding, secret)
    const rewrapped = after.rewrap(binding, sealed)
    expect(after.keyIdOf(rewrapped)).toBe('bbbbbbb')
    expect(textOf(createSealer(keySet(second)).open(binding, rewrapped))).toBe(secret)
    expect(dataKeyOf(keySet(second), binding, rewrapped)).not.toBe(dataKeyOf(keySet(first), binding, sealed))
    expect(Buffer.from(rewrapped).includes(Buffer.from(sealed).subarray(-42, -30))).toBe(false)
    expect(textOf(after.open(binding, sealed))).toBe(secret)
    const kept = rotated.rewrap(binding, sealed)
    expect(dataKeyOf(keySet(second), binding, kept)).toBe(dataKeyOf(keySet(first), binding, sealed))
  })

  it('asks whether the key before is compromised after it took the current one', () => {
    const byId = new Map(keySet(second, first).byId)
    const sealed = sealer.seal(binding, secret)
    const rewrapped = createSealer({
      get current() {
        byId.set(first.id, { ...first, isCompromised: true }) // as a ring does whose file was replaced
        return second
      },
      byId,
    }).rewrap(binding, sealed)
    expect(dataKeyOf(keySet(second), binding, rewrapped)).not.toBe(dataKeyOf(keySet(first), binding, sealed))
  })

  it('does not open after the header was relabelled to another key that is there', () => {
    const sealed = Buffer.from(sealer.seal(binding, secret))
    sealed.write('bbbbbbb', 7, 'latin1')
    expect(() => rotated.open(binding, sealed)).toThrow(SealIntegrityError)
  })
})
