import { createHmac, type KeyObject } from 'node:crypto'
import { aesGcm } from '../platform/crypto/aes-gcm.ts'
import type { KeySet, SecretKey } from '../platform/crypto/key-ring.ts'
import { lengthPrefixed } from '../platform/crypto/length-prefixed.ts'
import type { SealBinding } from '../platform/crypto/sealed.ts'

const VERSION_AT = 4
const KEY_ID_AT = 7
const SALT_BYTES = 32
const WRAPPED_BYTES = 12 + 32 + 16

/** A sealed value taken apart by hand, as its format says. */
export function partsOfSealed(sealed: Uint8Array) {
  const bytes = Buffer.from(sealed)
  const version = bytes.readUInt8(VERSION_AT)
  const saltAt = KEY_ID_AT + bytes.readUInt8(KEY_ID_AT - 1)
  const wrappedAt = saltAt + (version === 1 ? 0 : SALT_BYTES)
  return {
    version,
    id: bytes.toString('latin1', KEY_ID_AT, saltAt),
    salt: bytes.subarray(saltAt, wrappedAt),
    wrapped: bytes.subarray(wrappedAt, wrappedAt + WRAPPED_BYTES),
    data: bytes.subarray(wrappedAt + WRAPPED_BYTES),
  }
}

function wrappingKeyOf(key: KeyObject, salt: Uint8Array): KeyObject | Uint8Array {
  if (salt.length === 0) return key
  const fixed = [
    Buffer.of(0, 0, 0, 1),
    Buffer.from('data-key-wrap'),
    Buffer.of(0),
    salt,
    Buffer.of(0, 0, 1, 0),
  ]
  return createHmac('sha256', key).update(Buffer.concat(fixed)).digest()
}

/** Opens the wrap of a sealed value by hand, as its format says; the data key as hex. */
export function dataKeyOf(keys: KeySet<SecretKey>, binding: SealBinding, sealed: Uint8Array): string {
  const { table, record, owner, field, version, context = [] } = binding
  const { version: format, id, salt, wrapped } = partsOfSealed(sealed)
  const place = [String(format), '1', table, record, owner, field, String(version), ...context]
  const key = keys.byId.get(id)?.key
  const wrappingKey = key && wrappingKeyOf(key, salt)
  const dataKey = wrappingKey && aesGcm.open(wrappingKey, wrapped, lengthPrefixed(['wrap', id, ...place]))
  if (dataKey === undefined) throw new Error(`The data key of ${table}.${field} of ${record} does not open.`)
  return dataKey.toString('hex')
}
