import { aesGcm } from '../platform/crypto/aes-gcm.ts'
import type { KeySet, SecretKey } from '../platform/crypto/key-ring.ts'
import { lengthPrefixed } from '../platform/crypto/length-prefixed.ts'
import type { SealBinding } from '../platform/crypto/sealed.ts'

const KEY_ID_AT = 7
const WRAPPED_BYTES = 12 + 32 + 16

/** Opens the wrap of a sealed value by hand, as its format says; the data key as hex. */
export function dataKeyOf(keys: KeySet<SecretKey>, binding: SealBinding, sealed: Uint8Array): string {
  const { table, record, owner, field, version, context = [] } = binding
  const bytes = Buffer.from(sealed)
  const wrappedAt = KEY_ID_AT + (bytes[KEY_ID_AT - 1] ?? 0)
  const id = bytes.toString('latin1', KEY_ID_AT, wrappedAt)
  const place = ['1', '1', table, record, owner, field, String(version), ...context]
  const wrapped = bytes.subarray(wrappedAt, wrappedAt + WRAPPED_BYTES)
  const key = keys.byId.get(id)?.key
  const dataKey = key && aesGcm.open(key, wrapped, lengthPrefixed(['wrap', id, ...place]))
  if (dataKey === undefined) throw new Error(`The data key of ${table}.${field} of ${record} does not open.`)
  return dataKey.toString('hex')
}
