import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dataKeyOf, partsOfSealed } from '../../testing/data-key-of.ts'
import {
  formerBinding,
  formerCanary,
  formerKeys,
  formerRing,
  formerSafe,
  formerSecret,
} from '../../testing/sealed-in-format-1.ts'
import { openCanary } from './key-check.ts'
import type { KeySet, SecretKey } from './key-ring.ts'
import { keyRingOf, withNewKey } from './key-ring-document.ts'
import { createSealer, SealIntegrityError } from './sealed.ts'
import { serverKeyRing } from './server-key-ring.ts'

const keySet = (current: SecretKey, ...previous: SecretKey[]): KeySet<SecretKey> => ({
  current,
  byId: new Map([current, ...previous].map((key) => [key.id, key])),
})
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

describe('a value sealed in format 1', () => {
  const { keyEncryption: keys } = formerKeys
  const former = createSealer(keys)
  const next = { id: 'bbbbbbb', key: createSecretKey(randomBytes(32)) }
  const dataOf = (sealed: Uint8Array) => partsOfSealed(sealed).data

  it('opens in its place, and nowhere else', () => {
    expect(textOf(former.open(formerBinding, formerSafe.secret))).toBe(formerSecret)
    expect(former.keyIdOf(formerSafe.secret)).toBe(keys.current.id)
    for (const change of [{ field: 'seed' }, { version: 2 }, { context: ['paper'] }]) {
      const elsewhere = { ...formerBinding, ...change }
      expect(() => former.open(elsewhere, formerSafe.secret)).toThrow(SealIntegrityError)
      expect(() => former.rewrap(elsewhere, formerSafe.secret)).toThrow(SealIntegrityError)
    }
  })

  it('is rewrapped in format 2, its data left as it was', () => {
    for (const current of [next, keys.current]) {
      const ring = keySet(current, keys.current)
      const rewrapped = createSealer(ring).rewrap(formerBinding, formerSafe.secret)
      expect(partsOfSealed(rewrapped)).toMatchObject({ version: 2, id: current.id })
      expect(dataOf(rewrapped)).toEqual(dataOf(formerSafe.secret))
      expect(dataKeyOf(ring, formerBinding, rewrapped)).toBe(
        dataKeyOf(keys, formerBinding, formerSafe.secret),
      )
      expect(textOf(createSealer(keySet(current)).open(formerBinding, rewrapped))).toBe(formerSecret)
    }
  })

  it('is sealed anew in format 2 where its key is compromised', () => {
    const ring = keySet(next, { ...keys.current, isCompromised: true })
    const resealed = createSealer(ring).rewrap(formerBinding, formerSafe.secret)
    expect(partsOfSealed(resealed)).toMatchObject({ version: 2, id: next.id })
    expect(dataKeyOf(ring, formerBinding, resealed)).not.toBe(
      dataKeyOf(keys, formerBinding, formerSafe.secret),
    )
    expect(textOf(createSealer(keySet(next)).open(formerBinding, resealed))).toBe(formerSecret)
  })

  it('does not open called a value of format 2, nor one of format 2 called one of format 1', () => {
    const called = (format: number, sealed: Uint8Array) => {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(format, 4)
      return changed
    }
    const long = former.seal(formerBinding, 'x'.repeat(500))
    const wrong = [
      called(2, formerSafe.secret),
      called(1, former.seal(formerBinding, formerSecret)),
      called(1, long),
      ...[0, 3, 255].flatMap((format) => [called(format, formerSafe.secret), called(format, long)]),
    ]
    for (const sealed of wrong) {
      expect(() => former.open(formerBinding, sealed)).toThrow(SealIntegrityError)
      expect(() => former.rewrap(formerBinding, sealed)).toThrow(SealIntegrityError)
    }
  })

  it('does not open without a salt, with one put before it, or with its tag cut', () => {
    const sealed = Buffer.from(former.seal(formerBinding, formerSecret))
    const { data } = partsOfSealed(sealed)
    const header = Buffer.from(`SEAL\x01\x01\x07${keys.current.id}`, 'latin1')
    const salted = Buffer.concat([
      Buffer.from(header).fill(2, 4, 5),
      Buffer.alloc(32),
      formerSafe.secret.subarray(14),
    ])
    const unsalted = Buffer.concat([header, partsOfSealed(sealed).wrapped, data])
    const cut = [4, 8, 12].map((by) => formerSafe.secret.subarray(0, -by))
    for (const changed of [salted, unsalted, ...cut])
      expect(() => former.open(formerBinding, changed)).toThrow(SealIntegrityError)
  })

  it('does not open after any single bit of any byte was flipped', () => {
    for (let at = 0; at < formerSafe.secret.length * 8; at += 1) {
      const changed = Buffer.from(formerSafe.secret)
      changed.writeUInt8(changed.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3)
      expect(() => former.open(formerBinding, changed)).toThrow(/sealed value|no key/)
    }
  })
})

it('takes the proof of a key ring that was stored in format 1, also once a key was added', () => {
  const grown = withNewKey(formerRing, 'key_encryption', { now: new Date('2030-01-01') })
  for (const ring of [formerKeys, keyRingOf(serverKeyRing, grown, 'keys.json')])
    expect(() => openCanary(serverKeyRing, ring, formerCanary)).not.toThrow()
})
