import { createCipheriv, createDecipheriv } from 'node:crypto'
import { expect, it } from 'vitest'
import { type AesGcm, aesGcm, NONCE_BYTES } from './aes-gcm.ts'
import { proveCipher } from './cipher-proof.ts'

const nothing = Buffer.alloc(0)
const zeroes = Buffer.alloc(NONCE_BYTES)

/** Ciphers that open whatever they have sealed. */
const wrongCiphers: readonly (readonly [string, AesGcm])[] = [
  [
    'encrypts nothing',
    {
      seal: (_key, plaintext, { nonce }) => Buffer.concat([nonce, plaintext, Buffer.alloc(16)]),
      open: (_key, sealed) => Buffer.from(sealed.subarray(NONCE_BYTES, -16)),
    },
  ],
  [
    'ignores its context',
    {
      seal: (key, plaintext, { nonce }) => aesGcm.seal(key, plaintext, { nonce, context: nothing }),
      open: (key, sealed) => aesGcm.open(key, sealed, nothing),
    },
  ],
  [
    'ignores its nonce',
    {
      seal: (key, plaintext, { context }) => aesGcm.seal(key, plaintext, { nonce: zeroes, context }),
      open: aesGcm.open,
    },
  ],
  [
    'has a key of its own',
    {
      seal: (_key, plaintext, place) => aesGcm.seal(Buffer.alloc(32), plaintext, place),
      open: (_key, sealed, context) => aesGcm.open(Buffer.alloc(32), sealed, context),
    },
  ],
  [
    'takes half the key',
    {
      seal(key, plaintext, { nonce, context }) {
        const cipher = createCipheriv('aes-128-gcm', halfOf(key), nonce).setAAD(context)
        return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
      },
      open: aesGcm.open,
    },
  ],
  ['cuts its tag', { ...aesGcm, seal: (...of) => aesGcm.seal(...of).subarray(0, -4) }],
  [
    'never looks at the tag',
    {
      seal: aesGcm.seal,
      open(key, sealed, context) {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES)).setAAD(context)
        return decipher.update(sealed.subarray(NONCE_BYTES, -16))
      },
    },
  ],
  ['opens nothing', { ...aesGcm, open: () => undefined }],
]

const halfOf = (key: unknown): Buffer => {
  if (!(key instanceof Uint8Array)) throw new TypeError('The test gives bytes.')
  return Buffer.from(key.subarray(0, 16))
}

it('C59: takes the cipher that everything is sealed with', () => {
  expect(() => proveCipher()).not.toThrow()
})

it.each(wrongCiphers)('C59: refuses a cipher that %s, in one sentence', (_what, cipher) => {
  expect(() => proveCipher(cipher)).toThrow(
    expect.objectContaining({ name: 'CipherError', message: expect.stringMatching(/^\S[^\n]{10,300}\.$/) }),
  )
})
