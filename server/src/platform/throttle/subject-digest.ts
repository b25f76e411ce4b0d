import { createHmac } from 'node:crypto'
import type { KeySet, SecretKey } from '../crypto/key-ring.ts'
import { lengthPrefixed } from '../crypto/length-prefixed.ts'

/** Turns a scope and a subject into what is stored: names and addresses are too easily guessed for a plain hash. */
export type SubjectDigest = (scope: string, subject: string) => Uint8Array

/** `keys` are the ring's digest keys. Counters start afresh when the current one changes. */
export function createSubjectDigest(keys: KeySet<SecretKey>): SubjectDigest {
  const { key } = keys.current
  return (scope, subject) =>
    createHmac('sha256', key)
      .update(lengthPrefixed(['throttle', scope, subject]))
      .digest()
}
