import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
/** 96 bits, SP 800-38D §8.2. */
export const NONCE_BYTES = 12
/** The full tag. Note: without it Node accepts tags cut to 4 bytes, which can be guessed. */
export const TAG_BYTES = 16
const TAG = { authTagLength: TAG_BYTES } as const

/** AES-256-GCM over nonce, ciphertext and tag in one piece. Keys are 32 bytes. */
export interface AesGcm {
  /** Never give one key the same nonce twice: both plaintexts would be told. */
  seal(
    key: KeyObject | Uint8Array,
    plaintext: Uint8Array,
    place: { readonly nonce: Uint8Array; readonly context: Uint8Array },
  ): Buffer
  /** The plaintext, which the caller wipes after use; nothing when the bytes or the context are not what was sealed. */
  open(key: KeyObject | Uint8Array, sealed: Uint8Array, context: Uint8Array): Buffer | undefined
}

/** The cipher that everything sealed is sealed with. */
export const aesGcm: AesGcm = {
  seal(key, plaintext, { nonce, context }) {
    const cipher = createCipheriv(CIPHER, key, nonce, TAG).setAAD(context)
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  },
  open(key, sealed, context) {
    const tagAt = sealed.length - TAG_BYTES
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), TAG)
    decipher.setAAD(context).setAuthTag(sealed.subarray(tagAt))
    const unproven = decipher.update(sealed.subarray(NONCE_BYTES, tagAt))
    try {
      decipher.final()
      return unproven
    } catch {
      unproven.fill(0)
      return undefined
    }
  },
}
