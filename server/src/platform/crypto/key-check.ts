import { createHmac, type KeyObject } from 'node:crypto'
import { type AnyKeySet, KeyRingError, type KeyRingKind } from './key-ring.ts'
import { lengthPrefixed } from './length-prefixed.ts'
import { createSealer, type SealBinding } from './sealed.ts'

const BINDING: SealBinding = {
  table: 'key_check',
  record: 'canary',
  owner: 'instance',
  field: 'canary',
  version: 1,
}

/**
 * A sealed value to store in the database, as base64: it opens only with the ring it was made with, and names every key of
 * that ring. Store a new one after keys were added.
 */
export function sealCanary<Ring>(kind: KeyRingKind<string, Ring>, ring: Ring): string {
  const sealed = createSealer(kind.sealing(ring)).seal(BINDING, fingerprints(kind, ring).join('\n'))
  return Buffer.from(sealed).toString('base64')
}

/**
 * Proves that the ring is the one the database was made with, or that ring with keys added. Throws `KeyRingError` (`wrong`)
 * when the canary does not open or when a key the canary names is gone or was replaced.
 */
export function openCanary<Ring>(kind: KeyRingKind<string, Ring>, ring: Ring, canary: string): void {
  const present = new Set(fingerprints(kind, ring))
  if (readCanary(kind, ring, canary).every((fingerprint) => present.has(fingerprint))) return
  throw wrongRing(kind)
}

/**
 * Throws `KeyRingError` (`wrong`) unless the newer ring holds every key of the older one, unchanged. It then opens every
 * canary that the older one opens.
 */
export function assertGrownFrom<Ring>(kind: KeyRingKind<string, Ring>, older: Ring, newer: Ring): void {
  const present = new Set(fingerprints(kind, newer))
  if (fingerprints(kind, older).every((fingerprint) => present.has(fingerprint))) return
  const message = `The ${kind.title} was replaced by one that lacks keys in use; put the right file back. Until then the keys in memory are used.`
  throw new KeyRingError('wrong', message)
}

/** The id of the key that seals a canary, unproven until it was opened. */
export function canaryKeyId<Ring>(kind: KeyRingKind<string, Ring>, ring: Ring, canary: string): string {
  return createSealer(kind.sealing(ring)).keyIdOf(Buffer.from(canary, 'base64'))
}

function readCanary<Ring>(kind: KeyRingKind<string, Ring>, ring: Ring, canary: string): string[] {
  const sealed = Buffer.from(canary, 'base64')
  try {
    return Buffer.from(createSealer(kind.sealing(ring)).open(BINDING, sealed))
      .toString()
      .split('\n')
  } catch (error) {
    throw wrongRing(kind, error)
  }
}

function wrongRing({ title }: Pick<KeyRingKind<string, unknown>, 'title'>, cause?: unknown): KeyRingError {
  const message = `The ${title} is not the one this database was made with; set the keys file to the right one or restore it from a backup.`
  return new KeyRingError('wrong', message, { cause })
}

function fingerprints<Ring>(kind: KeyRingKind<string, Ring>, ring: Ring): string[] {
  return Object.entries<AnyKeySet>(kind.sets(ring)).flatMap(([purpose, { byId }]) =>
    [...byId.values()].map((key) =>
      'key' in key
        ? fingerprint(purpose, key.id, key.key)
        : `${purpose} ${key.id} ${spkiOf(key.publicKey).toString('base64url')}`,
    ),
  )
}

const spkiOf = (publicKey: KeyObject): Buffer => publicKey.export({ format: 'der', type: 'spki' })

function fingerprint(purpose: string, id: string, key: KeyObject): string {
  const mac = createHmac('sha256', key).update(lengthPrefixed(['key-check', purpose, id]))
  return `${purpose} ${id} ${mac.digest('base64url')}`
}
