import { createPrivateKey, createPublicKey, createSecretKey, randomBytes } from 'node:crypto'
import { parseJson } from '../parse-json.ts'
import { decodeBase64Url } from './base64url.ts'
import {
  KeyRingError,
  type KeyRingKind,
  type KeySet,
  type KeySetSource,
  type SecretKey,
  type SigningKey,
} from './key-ring.ts'
import { KEY_BYTES, keyWeakness } from './key-strength.ts'

const VERSION = 1
const KEY_ID = /^[a-z2-7]{7}$/
const PKCS8_ED25519_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex') // RFC 8410 §7, before the 32-byte seed

const STATES = ['current', 'previous', 'compromised'] as const

/**
 * `current` makes new things; `previous` only opens or checks what it once made; so does `compromised`, which others may
 * have (NIST SP 800-57 part 1, section 7).
 */
export type KeyState = (typeof STATES)[number]

/** One key as the file spells it. */
export interface KeyEntry {
  id: string
  state: KeyState
  created_at: string
  /** 32 bytes in canonical base64url; for signing keys the Ed25519 seed. */
  key: string
}

/** A key ring as its file spells it. */
export interface KeyRingDocument<Purpose extends string> {
  format: string
  version: typeof VERSION
  keys: Record<Purpose, KeyEntry[]>
}

/** A document with one fresh random key for every purpose. */
export function newKeyRingDocument<Purpose extends string>(
  { format, purposes }: KeyRingKind<Purpose, unknown>,
  now: Date,
): KeyRingDocument<Purpose> {
  return { format, version: VERSION, keys: forEachPurpose(purposes, () => [newKeyEntry(now)]) }
}

/** The same document with a fresh key for one purpose; the keys before it get the state `before`, unless they are compromised. */
export function withNewKey<Purpose extends string>(
  document: KeyRingDocument<Purpose>,
  purpose: NoInfer<Purpose>,
  { now, before = 'previous' }: { readonly now: Date; readonly before?: Exclude<KeyState, 'current'> },
): KeyRingDocument<Purpose> {
  const previous = document.keys[purpose].map(
    (entry): KeyEntry => (entry.state === 'compromised' ? entry : { ...entry, state: before }),
  )
  return { ...document, keys: { ...document.keys, [purpose]: [...previous, newKeyEntry(now)] } }
}

/** Reads a document; throws `KeyRingError` that names the place and what is wrong with it, never its content. */
export function parseKeyRingDocument<Purpose extends string>(
  kind: KeyRingKind<Purpose, unknown>,
  text: string,
  path: string,
): KeyRingDocument<Purpose> {
  const { format, title, purposes } = kind
  const fail = (problem: string): never => {
    throw new KeyRingError(
      'malformed',
      `The ${title} ${path} cannot be read: ${problem}; restore it from a backup.`,
    )
  }
  const document = parseJson(text)
  if (!isRecord(document)) return fail('it is not a JSON object')
  if (document.format !== format || document.version !== VERSION) {
    return fail(`it is not a ${format} of version ${VERSION}`)
  }
  const keys = document.keys
  if (!isRecord(keys)) return fail('it has no keys')
  const unknown = Object.keys(keys).find((name) => !purposes.some((purpose) => purpose === name))
  const parsed = forEachPurpose(purposes, (purpose) => entriesOf(keys[purpose], purpose, fail))
  if (unknown !== undefined) fail('it holds keys for a purpose that this version does not know')
  refuseRepeats(Object.values<KeyEntry[]>(parsed).flat(), fail)
  return { format, version: VERSION, keys: parsed }
}

/** Turns a document into keys ready for use; throws `KeyRingError` (`weak`) when one of them cannot be a random key. */
export function keyRingOf<Purpose extends string, Ring>(
  kind: KeyRingKind<Purpose, Ring>,
  document: KeyRingDocument<Purpose>,
  path: string,
): Ring {
  return kind.assemble(keySetsOf(kind, document, path))
}

/** The sets that a document's ring is put together from; fails like `keyRingOf`. */
export function keySetsOf<Purpose extends string>(
  { title }: KeyRingKind<Purpose, unknown>,
  document: KeyRingDocument<Purpose>,
  path: string,
): KeySetSource<Purpose> {
  const bytesOf = (entry: KeyEntry): Buffer => {
    const bytes = decodeBase64Url(entry.key)
    const weakness = bytes === undefined ? 'is not base64url' : keyWeakness(bytes)
    if (bytes === undefined || weakness !== undefined) {
      throw new KeyRingError(
        'weak',
        `The key ${entry.id} in ${path} ${weakness}; restore the ${title} from a backup.`,
      )
    }
    return bytes
  }
  const secret = (entry: KeyEntry): SecretKey => ({
    ...namedBy(entry),
    key: createSecretKey(bytesOf(entry)),
    isCompromised: entry.state === 'compromised',
  })
  const signing = (entry: KeyEntry): SigningKey => {
    const der = Buffer.concat([PKCS8_ED25519_PREFIX, bytesOf(entry)])
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    return { ...namedBy(entry), privateKey, publicKey: createPublicKey(privateKey) }
  }
  return {
    secret: (purpose) => keySet(document.keys[purpose], secret),
    signing: (purpose) => keySet(document.keys[purpose], signing),
  }
}

const namedBy = ({ id, created_at: createdAt }: KeyEntry) => ({ id, createdAt })

function forEachPurpose<Purpose extends string, Value>(
  purposes: readonly Purpose[],
  makeFor: (purpose: Purpose) => Value,
): Record<Purpose, Value> {
  return Object.fromEntries(purposes.map((purpose) => [purpose, makeFor(purpose)])) as Record<Purpose, Value>
}

function keySet<Key>(entries: readonly KeyEntry[], read: (entry: KeyEntry) => Key): KeySet<Key> {
  const byId = new Map(entries.map((entry) => [entry.id, read(entry)]))
  const current = byId.get(entries.find((entry) => entry.state === 'current')?.id ?? '')
  if (current === undefined)
    throw new KeyRingError('malformed', 'The key ring has a purpose without a current key.')
  return { current, byId }
}

function newKeyEntry(now: Date): KeyEntry {
  const id = Array.from(randomBytes(7), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte & 31)).join(
    '',
  )
  return {
    id,
    state: 'current',
    created_at: now.toISOString(),
    key: randomBytes(KEY_BYTES).toString('base64url'),
  }
}

function entriesOf(entries: unknown, purpose: string, fail: (problem: string) => never): KeyEntry[] {
  if (!Array.isArray(entries) || !entries.every(isKeyEntry)) {
    return fail(`its ${purpose} keys are missing or incomplete`)
  }
  if (entries.filter((entry) => entry.state === 'current').length !== 1) {
    return fail(`its ${purpose} keys do not have exactly one current key`)
  }
  return entries
}

function refuseRepeats(entries: readonly KeyEntry[], fail: (problem: string) => never): void {
  if (new Set(entries.map((entry) => entry.id)).size < entries.length)
    fail('two of its keys have the same id')
  if (new Set(entries.map((entry) => entry.key)).size < entries.length)
    fail('two of its keys are the same key')
}

function isKeyEntry(value: unknown): value is KeyEntry {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    KEY_ID.test(value.id) &&
    STATES.some((state) => state === value.state) &&
    typeof value.created_at === 'string' &&
    typeof value.key === 'string'
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
