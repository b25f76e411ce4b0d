import type { KeyObject } from 'node:crypto'

/** One symmetric key of 256 bits. The id is public: it is stored beside what the key made. */
export interface SecretKey {
  readonly id: string
  /** When it was made, as its file says; RFC 3339. */
  readonly createdAt?: string
  readonly key: KeyObject
  /** Others may have it: what it seals is sealed anew whole, under a data key that nobody has seen. */
  readonly isCompromised?: boolean
}

/** One Ed25519 key pair; the id is the `kid` of the tokens it signs. */
export interface SigningKey {
  readonly id: string
  readonly createdAt?: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** The keys of one purpose: new work uses `current`, older work finds its key by id. */
export interface KeySet<Key> {
  readonly current: Key
  readonly byId: ReadonlyMap<string, Key>
}

/** Every long-lived secret of the server, one set of keys per purpose; no key serves two purposes. Lives outside the database. */
export interface KeyRing {
  /** Derives the keys that wrap the data key of every sealed value. */
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

/** A set of keys of either sort. */
export type AnyKeySet = KeySet<SecretKey> | KeySet<SigningKey>

/** The sets that a ring is put together from, by purpose. */
export interface KeySetSource<Purpose extends string> {
  secret(purpose: Purpose): KeySet<SecretKey>
  signing(purpose: Purpose): KeySet<SigningKey>
}

/**
 * What one sort of key ring holds. An instance has a ring for the server and one for the vault, in files of the same form;
 * everything that reads, checks or changes a ring takes its kind.
 */
export interface KeyRingKind<Purpose extends string, Ring> {
  /** What its file says it is, so that one is never taken for the other. */
  readonly format: string
  /** What messages call it. */
  readonly title: string
  /** As the file spells them. */
  readonly purposes: readonly Purpose[]
  /** The purpose whose keys seal values; the one that a rotation adds keys to. */
  readonly sealingPurpose: Purpose
  sealing(ring: Ring): KeySet<SecretKey>
  /** Every set of the ring by the name the ring gives it. */
  sets(ring: Ring): Readonly<Record<string, AnyKeySet>>
  assemble(source: KeySetSource<Purpose>): Ring
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
