import { expect, it } from 'vitest'
import { openCanary, sealCanary } from './key-check.ts'
import type { KeyRing } from './key-ring.ts'
import { type KeyRingDocument, keyRingOf, newKeyRingDocument, withNewKey } from './key-ring-document.ts'
import { type ServerKeyPurpose, serverKeyRing } from './server-key-ring.ts'

type Document = KeyRingDocument<ServerKeyPurpose>
const now = new Date('2030-01-01')
const ringOf = (document: Document): KeyRing => keyRingOf(serverKeyRing, document, 'keys.json')
const document = newKeyRingDocument(serverKeyRing, now)
const canary = sealCanary(serverKeyRing, ringOf(document))
const wrong = expect.objectContaining({ name: 'KeyRingError', fault: 'wrong' })

it('accepts the ring it was made with, and that ring with a key added', () => {
  expect(() => openCanary(serverKeyRing, ringOf(document), canary)).not.toThrow()
  expect(() =>
    openCanary(serverKeyRing, ringOf(withNewKey(document, 'key_encryption', { now })), canary),
  ).not.toThrow()
})

it('refuses another ring, and a ring whose old key is gone', () => {
  expect(() => openCanary(serverKeyRing, ringOf(newKeyRingDocument(serverKeyRing, now)), canary)).toThrow(
    wrong,
  )
  const grown = withNewKey(document, 'key_encryption', { now })
  const pruned = { ...grown, keys: { ...grown.keys, key_encryption: grown.keys.key_encryption.slice(1) } }
  expect(() => openCanary(serverKeyRing, ringOf(pruned), canary)).toThrow(wrong)
  expect(() => openCanary(serverKeyRing, ringOf(pruned), sealCanary(serverKeyRing, ringOf(grown)))).toThrow(
    wrong,
  )
})

it.each(['token_signing', 'password_pepper', 'refresh_token', 'cursor', 'digest'] as const)(
  'refuses a ring whose %s key was replaced, also under the same id',
  (purpose) => {
    const [original] = document.keys[purpose]
    const [other] = newKeyRingDocument(serverKeyRing, now).keys[purpose]
    if (original === undefined || other === undefined) throw new Error('a new ring has every key')
    for (const replacement of [other, { ...original, key: other.key }]) {
      const changed = { ...document, keys: { ...document.keys, [purpose]: [replacement] } }
      expect(() => openCanary(serverKeyRing, ringOf(changed), canary)).toThrow(wrong)
    }
  },
)

it('refuses a canary that was changed or is not one', () => {
  const changed = Buffer.from(canary, 'base64')
  changed.writeUInt8(changed.readUInt8(60) ^ 1, 60)
  expect(() => openCanary(serverKeyRing, ringOf(document), changed.toString('base64'))).toThrow(wrong)
  expect(() => openCanary(serverKeyRing, ringOf(document), '')).toThrow(wrong)
})
