import { createHmac, type KeyObject } from 'node:crypto'
import { type KeyRing, KeyRingError } from './key-ring.ts'
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
export function sealCanary(ring: KeyRing): string {
  const sealed = createSealer(ring.keyEncryption).seal(BINDING, fingerprints(ring).join('\n'))
  return Buffer.from(sealed).toString('base64')
}

/**
 * Proves that the ring is the one the database was made with, or that ring with keys added. Throws `KeyRingError` (`wrong`)
 * when the canary does not open or when a key the canary names is gone or was replaced.
 */
export function openCanary(ring: KeyRing, canary: string): void {
  const present = new Set(fingerprints(ring))
  if (readCanary(ring, canary).every((fingerprint) => present.has(fingerprint))) return
  throw wrongRing()
}

function readCanary(ring: KeyRing, canary: string): string[] {
  const sealed = Buffer.from(canary, 'base64')
  try {
    return Buffer.from(createSealer(ring.keyEncryption).open(BINDING, sealed)).toString().split('\n')
  } catch (error) {
    throw wrongRing(error)
  }
}

function wrongRing(cause?: unknown): KeyRingError {
  const message =
    'The key ring is not the one this database was made with; set the keys file to the right one or restore it from a backup.'
  return new KeyRingError('wrong', message, { cause })
}

function fingerprints(ring: KeyRing): string[] {
  const { tokenSigning, ...secret } = ring
  const symmetric = Object.entries(secret).flatMap(([purpose, keys]) =>
    [...keys.byId.values()].map(({ id, key }) => fingerprint(purpose, id, key)),
  )
  const signing = [...tokenSigning.byId.values()].map(({ id, publicKey }) => {
    const spki = publicKey.export({ format: 'der', type: 'spki' })
    return `tokenSigning ${id} ${spki.toString('base64url')}`
  })
  return [...symmetric, ...signing]
}

function fingerprint(purpose: string, id: string, key: KeyObject): string {
  const mac = createHmac('sha256', key).update(lengthPrefixed(['key-check', purpose, id]))
  return `${purpose} ${id} ${mac.digest('base64url')}`
}
