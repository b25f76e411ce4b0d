import type { KeyObject } from 'node:crypto'

/** One symmetric key of 256 bits. The id is public: it is stored beside what the key made. */
export interface SecretKey {
  readonly id: string
  readonly key: KeyObject
}

/** One Ed25519 key pair; the id is the `kid` of the tokens it signs. */
export interface SigningKey {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** The keys of one purpose: new work uses `current`, older work finds its key by id. */
export interface KeySet<Key> {
  readonly current: Key
  readonly byId: ReadonlyMap<string, Key>
}

/** Every long-lived secret of an instance, one set of keys per purpose; no key serves two purposes. Lives outside the database. */
export interface KeyRing {
  /** Wraps the data key of every sealed value. */
  readonly keyEncryption: KeySet<SecretKey>
  readonly tokenSigning: KeySet<SigningKey>
  readonly passwordPepper: KeySet<SecretKey>
  /** Derives the session keys that refresh tokens are made with. */
  readonly refreshToken: KeySet<SecretKey>
  /** Signs paging cursors. */
  readonly cursor: KeySet<SecretKey>
  /** Keyed digests of values too short to be hashed plainly. */
  readonly digest: KeySet<SecretKey>
}

/** What is wrong with a key ring: `missing` may be answered by making one, everything else is for the operator to mend. */
export type KeyRingFault = 'missing' | 'exists' | 'unsafe' | 'malformed' | 'weak' | 'wrong'

/** The key ring cannot be used. The message is one plain sentence for the operator and never holds key material. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError'
  readonly fault: KeyRingFault

  constructor(fault: KeyRingFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
