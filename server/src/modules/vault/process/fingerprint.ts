import { createHmac } from 'node:crypto'
import type { Environment } from '@outcry/contract/vault'
import type { KeySet, SecretKey } from '../../../platform/crypto/key-ring.ts'
import type { KeyBytes } from '../protocol/pair-frame.ts'

/**
 * HMAC-SHA-256 over environment, key and secret, each with its length: two rows of one pair have the same, and without the
 * key nobody can try pairs out.
 */
export function fingerprintOf(
  { current }: KeySet<SecretKey>,
  environment: Environment,
  { apiKey, secretKey }: KeyBytes,
): Uint8Array {
  const mac = createHmac('sha256', current.key)
  const length = Buffer.alloc(4)
  for (const part of [Buffer.from(environment), apiKey, secretKey]) {
    length.writeUInt32BE(part.length)
    mac.update(length).update(part)
  }
  return new Uint8Array(mac.digest())
}
