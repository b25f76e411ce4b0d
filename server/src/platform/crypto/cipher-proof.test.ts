import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
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
  [
    'is wrong beyond its first blocks',
    {
      seal: (...of) => spoiled(aesGcm.seal(...of)),
      open: (key, sealed, context) => aesGcm.open(key, spoiled(sealed), context),
    },
  ],
  [
    'is wrong with keys as the server holds them',
    {
      seal: (key, ...of) => aesGcm.seal(asHeld(key), ...of),
      open: (key, ...of) => aesGcm.open(asHeld(key), ...of),
    },
  ],
]

/** Ciphers that throw what no operator understands. */
const brokenCiphers: readonly (readonly [string, AesGcm])[] = [
  [
    'is not there',
    { ...aesGcm, seal: () => Buffer.from(createCipheriv('aes-256-none', nothing, nothing).final()) },
  ],
  ['throws while it opens', { ...aesGcm, open: () => fail() }],
  [
    'throws at long texts',
    { ...aesGcm, seal: (key, text, place) => aesGcm.seal(key, text.length > 99 ? fail() : text, place) },
  ],
]

const fail = (): never => {
  throw new Error('Unsupported state')
}

const spoiled = (sealed: Uint8Array): Buffer => {
  const copy = Buffer.from(sealed)
  if (copy.length > 200) copy.writeUInt8(copy.readUInt8(150) ^ 1, 150)
  return copy
}

const asHeld = (key: KeyObject | Uint8Array) => (key instanceof Uint8Array ? key : Buffer.alloc(32))

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

it.each(brokenCiphers)('C59: refuses a cipher that %s, in one sentence', (_what, cipher) => {
  expect(() => proveCipher(cipher)).toThrow(
    expect.objectContaining({
      name: 'CipherError',
      message: expect.stringMatching(/^The cipher AES-256-GCM fails here; [^\n]{10,300}\.$/),
      cause: expect.any(Error),
    }),
  )
})
