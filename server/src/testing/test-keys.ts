import { createSecretKey, randomBytes } from 'node:crypto'
import type { KeySet, SecretKey } from '../platform/crypto/key-ring.ts'

/** A set of one fresh key, for a service's tests. */
export function testKeys(): KeySet<SecretKey> {
  const current = { id: 'test', key: createSecretKey(randomBytes(32)) }
  return { current, byId: new Map([[current.id, current]]) }
}
