import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { partsOfSealed } from '../../testing/data-key-of.ts'
import { testKeys } from '../../testing/test-keys.ts'
import { aesGcm } from './aes-gcm.ts'
import { deriveWrappingKey, unwrapDataKey, wrapDataKey } from './key-wrap.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { createSealer, type SealBinding } from './sealed.ts'

const keys = testKeys()
const sealer = createSealer(keys)
const binding: SealBinding = { table: 'users', record: '1', owner: '2', field: 'secret', version: 1 }
const secret = 'canary-5f1c77-secret-value'
const context = Buffer.from('a place')

it('C58: derives the key of a wrap as SP 800-108 says', () => {
  // openssl kdf -keylen 32 -kdfopt mac:HMAC -kdfopt digest:SHA256 -kdfopt mode:COUNTER -kdfopt hexkey:… \
  //   -kdfopt salt:data-key-wrap -kdfopt hexinfo:… KBKDF (OpenSSL 3.0.19)
  const key = Buffer.from('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4', 'hex')
  const salt = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')
  const expected = 'e8d2e422539c53cdab0a651449279d804e002444b1fccc206781bb47668a6f9f'
  expect(deriveWrappingKey(createSecretKey(key), salt).toString('hex')).toBe(expected)
})

describe('C58: a wrapped data key', () => {
  it('has a salt that never repeats, sealed or wrapped anew', () => {
    const salts = new Set<string>()
    for (let i = 0; i < 5_000; i += 1) {
      const sealed = sealer.seal(binding, secret)
      for (const value of [sealed, sealer.rewrap(binding, sealed)])
        salts.add(partsOfSealed(value).salt.toString('hex'))
    }
    expect(salts.size).toBe(10_000)
    expect([...salts].every((salt) => salt.length === 64)).toBe(true)
  })

  it('is not wrapped by the key in the ring', () => {
    const { salt, wrapped, data, id } = partsOfSealed(sealer.seal(binding, secret))
    expect([salt.length, wrapped.length, data.length]).toEqual([32, 60, secret.length + 28])
    for (const format of ['1', '2']) {
      const place = lengthPrefixed(['wrap', id, format, '1', 'users', '1', '2', 'secret', '1'])
      expect(aesGcm.open(keys.current.key, wrapped, place)).toBeUndefined()
      const ofSalt = deriveWrappingKey(keys.current.key, salt)
      expect(aesGcm.open(ofSalt, wrapped, place)?.length).toBe(format === '2' ? 32 : undefined)
    }
  })

  it('opens under its key, salt and context alone, whole', () => {
    const dataKey = randomBytes(32)
    const { key } = keys.current
    const wrapped = wrapDataKey(key, dataKey, context)
    const open = (bytes: Uint8Array, of = key, place = context) =>
      unwrapDataKey(2, of, { wrapped: bytes, context: place })
    expect(open(wrapped)?.equals(dataKey)).toBe(true)
    expect(open(wrapped, testKeys().current.key)).toBeUndefined()
    expect(open(wrapped, key, Buffer.from('another'))).toBeUndefined()
    for (let bit = 0; bit < wrapped.length * 8; bit += 1) {
      const changed = Buffer.from(wrapped)
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(open(changed)).toBeUndefined()
    }
  })
})
