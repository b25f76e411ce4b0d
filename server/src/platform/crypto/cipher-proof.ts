import { createHash, createSecretKey } from 'node:crypto'
import { type AesGcm, aesGcm } from './aes-gcm.ts'
import { equalDigests } from './opaque-token.ts'

/** Test case 16 of McGrew and Viega, The Galois/Counter Mode of Operation (GCM), appendix B. */
const KNOWN = {
  key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
  nonce: 'cafebabefacedbaddecaf888',
  context: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
  plaintext:
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
  ciphertext:
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
  tag: '76fc6ece0f4e1768cddf8853bb2d551b',
} as const

/**
 * The same key, nonce and context over a text of many blocks with a rest, where ciphers take other ways than over a short one:
 * the SHA-256 of nonce, ciphertext and tag, as @noble/ciphers 2.4.0 and the arithmetic of SP 800-38D by hand both give it.
 */
const LONG = {
  plaintext: Buffer.from(Array.from({ length: 1_037 }, (_, at) => at % 256)),
  digest: '4fd7a5cde6eacd29dbd163657536ead26053df32163cabb1df1c677ee7a0cf4d',
} as const

/** This machine's cipher does not give the known answers, or none. */
export class CipherError extends Error {
  override readonly name = 'CipherError'
  constructor(options?: ErrorOptions) {
    const what = options === undefined ? 'gives wrong answers' : 'fails'
    super(
      `The cipher AES-256-GCM ${what} here; install Outcry and its Node.js anew, or move it to another machine.`,
      options,
    )
  }
}

/**
 * A known-answer test (C59): the cipher seals and opens as published, short texts and long ones, and does not open under a tag
 * that was changed. Runs before anything is opened or written. Throws `CipherError`.
 */
export function proveCipher(cipher: AesGcm = aesGcm): void {
  if (!isRight(cipher)) throw new CipherError()
}

function isRight(cipher: AesGcm): boolean {
  try {
    return isAsPublished(cipher) && isRightAtLength(cipher)
  } catch (cause) {
    throw new CipherError({ cause })
  }
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const [key, nonce, context] = [bytes(KNOWN.key), bytes(KNOWN.nonce), bytes(KNOWN.context)]

function isAsPublished({ seal, open }: AesGcm): boolean {
  const plaintext = bytes(KNOWN.plaintext)
  const sealed = bytes(KNOWN.nonce + KNOWN.ciphertext + KNOWN.tag)
  const forged = bytes(KNOWN.nonce + KNOWN.ciphertext + KNOWN.tag.replace(/b$/, 'a'))
  return (
    seal(key, plaintext, { nonce, context }).equals(sealed) &&
    open(key, sealed, context)?.equals(plaintext) === true &&
    open(key, forged, context) === undefined
  )
}

function isRightAtLength({ seal, open }: AesGcm): boolean {
  const held = createSecretKey(key) // as everything else gives it
  const sealed = seal(held, LONG.plaintext, { nonce, context })
  return (
    equalDigests(createHash('sha256').update(sealed).digest(), bytes(LONG.digest)) &&
    open(held, sealed, context)?.equals(LONG.plaintext) === true
  )
}
