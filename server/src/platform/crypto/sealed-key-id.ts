import { createSecretKey, randomBytes } from 'node:crypto'
import { createSealer } from './sealed.ts'

const withoutKeys = createSealer({
  current: { id: 'none', key: createSecretKey(randomBytes(32)) },
  byId: new Map(),
})

/** The id of the key that a sealed value was made with; needs no key ring, which may be lost or another's. */
export const sealedKeyId = (sealed: Uint8Array): string => withoutKeys.keyIdOf(sealed)
