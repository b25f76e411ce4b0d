import { randomBytes } from 'node:crypto'
import { aesGcm, NONCE_BYTES, TAG_BYTES } from './aes-gcm.ts'
import type { KeySet, SecretKey } from './key-ring.ts'
import { DATA_KEY_BYTES, FORMAT_VERSION, unwrapDataKey, WRAPPED_BYTES, wrapDataKey } from './key-wrap.ts'
import { lengthPrefixed } from './length-prefixed.ts'

const MAGIC = Buffer.from('SEAL')
const ALG_AES_256_GCM = 1
const DATA_VERSION = 1 // of the data's seal, which the versions of the format share: only the wrap differs
const KEY_ID_AT = MAGIC.length + 3 // magic, format version, algorithm, length of the key id
const MIN_DATA_BYTES = NONCE_BYTES + TAG_BYTES

/** Where a sealed value belongs. It opens there and nowhere else. */
export interface SealBinding {
  readonly table: string
  /** Primary key of the row. */
  readonly record: string
  readonly owner: string
  readonly field: string
  /** The row's version for this value, so that an older one cannot be put back. */
  readonly version: number
  /** What else must not change, in a fixed order, such as a provider and its environment. */
  readonly context?: readonly string[]
}

/** The bytes are damaged, cut, or were sealed for another place. Never says which. */
export class SealIntegrityError extends Error {
  override readonly name = 'SealIntegrityError'
  constructor() {
    super('This sealed value does not belong here or was changed; restore the row from a backup.')
  }
}

/** The value was sealed with a key that the ring does not hold. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError'
  readonly keyId: string
  constructor(keyId: string) {
    super(`The key ring has no key ${keyId}; restore the key ring this value was sealed with.`)
    this.keyId = keyId
  }
}

/**
 * Envelope encryption: every value has a data key of its own, which is wrapped under a key derived for this one wrap from the
 * ring's current key, both with AES-256-GCM. No AES key is used twice.
 *
 * Stored: `SEAL`, format version, algorithm, key id, wrapped data key, sealed data. The wrap is bound to the whole
 * `SealBinding`, the format version and the key id, the data to the binding alone, so that `rewrap` can change the wrap without
 * touching the data. Format 1, whose wraps are by the ring's key itself, still opens; `rewrap` takes it to format 2. Methods throw
 * `SealIntegrityError` or `UnknownKeyError`.
 */
export interface Sealer {
  /** Two seals of one value never look alike. A text is sealed as UTF-8. */
  seal(binding: SealBinding, plaintext: Uint8Array | string): Uint8Array
  /** The caller owns the returned bytes and wipes them after use. */
  open(binding: SealBinding, sealed: Uint8Array): Uint8Array
  /** The id in the header, unproven until the value was opened. */
  keyIdOf(sealed: Uint8Array): string
  /**
   * The same value under the ring's current key, after its wrap was proven. Its data key is wrapped anew and the data left
   * sealed; but where the key it was under is compromised the data is opened and sealed anew, under a fresh data key.
   */
  rewrap(binding: SealBinding, sealed: Uint8Array): Uint8Array
}

/** `keys` are the ring's key-encryption keys. */
export function createSealer(keys: KeySet<SecretKey>): Sealer {
  const unwrap = (binding: SealBinding, parts: SealedParts): Buffer => {
    const key = keys.byId.get(parts.keyId)
    if (key === undefined) throw new UnknownKeyError(parts.keyId)
    const { version, wrapped } = parts
    const context = wrapContext(binding, version, parts.keyId)
    return proven(unwrapDataKey(version, key.key, { wrapped, context }))
  }
  const wrap = (binding: SealBinding, dataKey: Buffer, { id, key }: SecretKey): Buffer =>
    Buffer.concat([header(id), wrapDataKey(key, dataKey, wrapContext(binding, FORMAT_VERSION, id))])
  const seal = (binding: SealBinding, data: Uint8Array, current: SecretKey): Buffer => {
    const dataKey = randomBytes(DATA_KEY_BYTES)
    try {
      return Buffer.concat([wrap(binding, dataKey, current), encrypt(dataKey, data, dataContext(binding))])
    } finally {
      dataKey.fill(0)
    }
  }
  const sealAndWipe = (binding: SealBinding, opened: Buffer, current: SecretKey): Buffer => {
    try {
      return seal(binding, opened, current)
    } finally {
      opened.fill(0)
    }
  }

  return {
    seal(binding, plaintext) {
      if (typeof plaintext === 'string') return sealAndWipe(binding, Buffer.from(plaintext), keys.current)
      return seal(binding, plaintext, keys.current)
    },
    open(binding, sealed) {
      const parts = split(sealed)
      const dataKey = unwrap(binding, parts)
      try {
        return decrypt(dataKey, parts.data, dataContext(binding))
      } finally {
        dataKey.fill(0)
      }
    },
    keyIdOf: (sealed) => split(sealed).keyId,
    rewrap(binding, sealed) {
      const parts = split(sealed)
      const dataKey = unwrap(binding, parts)
      try {
        const { current } = keys
        // Note: asked after that, for what brought in a new current key may have said that this one is compromised.
        const isCompromised = keys.byId.get(parts.keyId)?.isCompromised ?? false
        if (!isCompromised) return Buffer.concat([wrap(binding, dataKey, current), parts.data])
        return sealAndWipe(binding, decrypt(dataKey, parts.data, dataContext(binding)), current)
      } finally {
        dataKey.fill(0)
      }
    },
  }
}

interface SealedParts {
  version: number
  keyId: string
  wrapped: Buffer
  data: Buffer
}

function split(sealed: Uint8Array): SealedParts {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const version = bytes[MAGIC.length] ?? 0
  const keyIdEnd = KEY_ID_AT + (bytes[KEY_ID_AT - 1] ?? 0)
  const dataAt = keyIdEnd + (WRAPPED_BYTES.get(version) ?? 0)
  const isOurs =
    WRAPPED_BYTES.has(version) &&
    bytes.length >= dataAt + MIN_DATA_BYTES &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    bytes[MAGIC.length + 1] === ALG_AES_256_GCM
  if (!isOurs) throw new SealIntegrityError()
  return {
    version,
    keyId: bytes.toString('latin1', KEY_ID_AT, keyIdEnd),
    wrapped: bytes.subarray(keyIdEnd, dataAt),
    data: bytes.subarray(dataAt),
  }
}

function header(keyId: string): Buffer {
  const fixed = [FORMAT_VERSION, ALG_AES_256_GCM, keyId.length]
  return Buffer.concat([MAGIC, Buffer.from(fixed), Buffer.from(keyId, 'latin1')])
}

function placeParts({ table, record, owner, field, version, context = [] }: SealBinding): string[] {
  return [String(ALG_AES_256_GCM), table, record, owner, field, String(version), ...context]
}

function wrapContext(binding: SealBinding, formatVersion: number, keyId: string): Buffer {
  return lengthPrefixed(['wrap', keyId, String(formatVersion), ...placeParts(binding)])
}

function dataContext(binding: SealBinding): Buffer {
  return lengthPrefixed(['data', String(DATA_VERSION), ...placeParts(binding)])
}

function encrypt(dataKey: Buffer, plaintext: Uint8Array, context: Buffer): Buffer {
  return aesGcm.seal(dataKey, plaintext, { nonce: randomBytes(NONCE_BYTES), context })
}

function decrypt(dataKey: Buffer, sealed: Buffer, context: Buffer): Buffer {
  return proven(aesGcm.open(dataKey, sealed, context))
}

function proven(opened: Buffer | undefined): Buffer {
  if (opened === undefined) throw new SealIntegrityError()
  return opened
}
