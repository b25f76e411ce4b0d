import { type AesGcm, aesGcm } from './aes-gcm.ts'

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

/** This machine's cipher does not give the published answers. */
export class CipherError extends Error {
  override readonly name = 'CipherError'
  constructor() {
    super(
      'The cipher AES-256-GCM gives wrong answers here; install Outcry and its Node.js anew, or move it to another machine.',
    )
  }
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

/**
 * A known-answer test (C59): the cipher seals and opens as published, and does not open under a tag that was changed. Runs
 * before anything is opened or written. Throws `CipherError`.
 */
export function proveCipher({ seal, open }: AesGcm = aesGcm): void {
  const [key, nonce, context] = [bytes(KNOWN.key), bytes(KNOWN.nonce), bytes(KNOWN.context)]
  const plaintext = bytes(KNOWN.plaintext)
  const sealed = bytes(KNOWN.nonce + KNOWN.ciphertext + KNOWN.tag)
  const forged = bytes(KNOWN.nonce + KNOWN.ciphertext + KNOWN.tag.replace(/b$/, 'a'))
  const isRight =
    seal(key, plaintext, { nonce, context }).equals(sealed) &&
    open(key, sealed, context)?.equals(plaintext) === true &&
    open(key, forged, context) === undefined
  if (!isRight) throw new CipherError()
}
