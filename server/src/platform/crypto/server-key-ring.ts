import type { KeyRing, KeyRingKind } from './key-ring.ts'

/** A purpose of the server's keys, as the file spells it. */
export type ServerKeyPurpose =
  | 'key_encryption'
  | 'token_signing'
  | 'password_pepper'
  | 'refresh_token'
  | 'cursor'
  | 'digest'

/** The ring in OUTCRY_KEYS_FILE. */
export const serverKeyRing: KeyRingKind<ServerKeyPurpose, KeyRing> = {
  format: 'key-ring',
  title: 'key ring',
  purposes: ['key_encryption', 'token_signing', 'password_pepper', 'refresh_token', 'cursor', 'digest'],
  sealingPurpose: 'key_encryption',
  sealing: (ring) => ring.keyEncryption,
  sets: (ring) => ({ ...ring }),
  assemble: ({ secret, signing }) => ({
    keyEncryption: secret('key_encryption'),
    tokenSigning: signing('token_signing'),
    passwordPepper: secret('password_pepper'),
    refreshToken: secret('refresh_token'),
    cursor: secret('cursor'),
    digest: secret('digest'),
  }),
}
