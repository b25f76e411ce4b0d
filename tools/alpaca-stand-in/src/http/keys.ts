import { createHash } from 'node:crypto'

export const ENVIRONMENTS = ['paper', 'live'] as const
export type EnvironmentName = (typeof ENVIRONMENTS)[number]

/** What a key id must begin with to be taken for a fake one; a real one is refused like any wrong key. */
const MARKERS: Record<EnvironmentName, string> = { paper: 'PKFAKE', live: 'AKFAKE' }
const SECRET_MARKER = 'fake-secret-'
const MARKED = /(?:PK|AK)FAKE[\w-]*|fake-secret-[^\s"'/&?]*/g

/** The keys of one environment. It keeps digests only. */
export type KeySet = {
  /** Whether the vendor would let this pair in: marked for this environment, and not revoked. */
  accepts(keyId: string, secret: string): boolean
  /** From now on only this secret goes with the key. Without this, every marked secret does. */
  register(keyId: string, secret: string): void
  revoke(keyId: string): void
  restore(keyId: string): void
  /** Forgets what was registered and revoked. */
  clear(): void
}

export function createKeySet(environment: EnvironmentName): KeySet {
  const secrets = new Map<string, string>()
  const revoked = new Set<string>()
  return {
    accepts(keyId, secret) {
      const isMarked = keyId.startsWith(MARKERS[environment]) && secret.startsWith(SECRET_MARKER)
      const registered = secrets.get(digestOf(keyId))
      const isRight = registered === undefined || registered === digestOf(secret)
      return isMarked && isRight && !revoked.has(digestOf(keyId))
    },
    register: (keyId, secret) => void secrets.set(digestOf(keyId), digestOf(secret)),
    revoke: (keyId) => void revoked.add(digestOf(keyId)),
    restore: (keyId) => void revoked.delete(digestOf(keyId)),
    clear() {
      secrets.clear()
      revoked.clear()
    },
  }
}

/** SHA-256 in hexadecimal. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The first eight hexadecimal digits of a key's SHA-256: all that is ever shown of it. */
export function fingerprintOf(keyId: string): string {
  return digestOf(keyId).slice(0, 8)
}

/** Whether a text holds one of these values, or anything that is marked as a fake key or secret. */
export function holdsKey(text: string, values: readonly string[]): boolean {
  return text.search(MARKED) >= 0 || values.some((value) => value !== '' && text.includes(value))
}

/** The text with every key taken out of it. */
export function withoutKeys(text: string, values: readonly string[]): string {
  const bare = values.reduce((left, value) => (value === '' ? left : left.replaceAll(value, '[key]')), text)
  return bare.replaceAll(MARKED, '[key]')
}
