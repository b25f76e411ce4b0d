import { createHmac, type KeyObject, randomBytes } from 'node:crypto'
import { aesGcm, NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts'

export const DATA_KEY_BYTES = 32
const SALT_BYTES = 32
const DIRECT_BYTES = NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES

/** The version of the sealed format whose wraps are made; those before it are only opened. */
export const FORMAT_VERSION = 2

/** How long a wrapped data key is, by the version of the sealed format. Other versions are none of ours. */
export const WRAPPED_BYTES: ReadonlyMap<number, number> = new Map([
  [1, DIRECT_BYTES], // by the key-encryption key itself
  [FORMAT_VERSION, SALT_BYTES + DIRECT_BYTES],
])

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const BEFORE_SALT = Buffer.concat([uint32(1), Buffer.from('data-key-wrap\0')])
const AFTER_SALT = uint32(DATA_KEY_BYTES * 8)

/**
 * The AES-256 key of one wrap: the KDF in counter mode of NIST SP 800-108r1, section 4.1, with HMAC-SHA256, a 32-bit counter,
 * `data-key-wrap` as label and the salt as context. The caller wipes it.
 */
export function deriveWrappingKey(keyEncryptionKey: KeyObject, salt: Uint8Array): Buffer {
  return createHmac('sha256', keyEncryptionKey).update(BEFORE_SALT).update(salt).update(AFTER_SALT).digest()
}

function withWrappingKey<Result>(
  keyEncryptionKey: KeyObject,
  salt: Uint8Array,
  use: (wrappingKey: Buffer) => Result,
): Result {
  const wrappingKey = deriveWrappingKey(keyEncryptionKey, salt)
  try {
    return use(wrappingKey)
  } finally {
    wrappingKey.fill(0)
  }
}

/**
 * A data key as it is stored: salt, nonce, ciphertext, tag. Each wrap has a salt and so an AES key of its own, which is used
 * this once: of 2^64 wraps under one key-encryption key two share one with a probability below 2^-128 (birthday bound over the
 * 256 bits of salt, and of key), so none nears the 2^32 uses of SP 800-38D, section 8.3.
 */
export function wrapDataKey(keyEncryptionKey: KeyObject, dataKey: Uint8Array, context: Uint8Array): Buffer {
  const random = randomBytes(SALT_BYTES + NONCE_BYTES)
  const [salt, nonce] = [random.subarray(0, SALT_BYTES), random.subarray(SALT_BYTES)]
  const wrapped = withWrappingKey(keyEncryptionKey, salt, (key) =>
    aesGcm.seal(key, dataKey, { nonce, context }),
  )
  return Buffer.concat([salt, wrapped])
}

/** The data key in a wrap of this format version; nothing when wrap or context are not what was wrapped. The caller wipes it. */
export function unwrapDataKey(
  version: number,
  keyEncryptionKey: KeyObject,
  { wrapped, context }: { readonly wrapped: Uint8Array; readonly context: Uint8Array },
): Buffer | undefined {
  if (version === 1) return aesGcm.open(keyEncryptionKey, wrapped, context)
  return withWrappingKey(keyEncryptionKey, wrapped.subarray(0, SALT_BYTES), (key) =>
    aesGcm.open(key, wrapped.subarray(SALT_BYTES), context),
  )
}
