import { createHmac, randomBytes } from 'node:crypto'
import { availableParallelism, totalmem } from 'node:os'
import * as argon2 from '@node-rs/argon2'
import type { KeySet, SecretKey } from './key-ring.ts'
import { createWorkGate } from './work-gate.ts'

const SALT_BYTES = 16
const HASH_BYTES = 32
const RETRY_AFTER_SECONDS = 2
const MEMORY_SHARE = 0.25
const MEMORY_PER_HASH_BYTES = 64 * 1024 * 1024
const PREPARED_AS = 'n' // NFC, then HMAC-SHA-256 with the pepper; recorded in front of the pepper's id
const STORED =
  /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)(?:,keyid=([A-Za-z0-9+/]+))?\$[A-Za-z0-9+/]+\$([A-Za-z0-9+/]+)$/

/** The cost of one Argon2id hash (RFC 9106): memory in KiB, passes, lanes. */
export interface Argon2Params {
  memoryKib: number
  passes: number
  lanes: number
}

/** What passwords are hashed with, and how many at once. */
export interface PasswordHasherOptions {
  params: Argon2Params
  peppers: KeySet<SecretKey>
  /** Hashes computed at once, each holding `memoryKib`. See `defaultHashConcurrency`. */
  maxConcurrent: number
  /** Hashes that may wait for a place. */
  maxQueued: number
}

/**
 * Hashes passwords with Argon2id over an HMAC with a key from outside the database, off the event loop. Every method that
 * hashes throws `BusyError` when too many hashes are waiting.
 */
export interface PasswordHasher {
  /**
   * A PHC string of at most 255 characters that holds everything but the pepper: `$argon2id$v=19$m=…,t=…,p=…,keyid=…$salt$hash`,
   * where `keyid` is base64 of `n` (how the password was prepared) and the pepper's id.
   */
  hash(password: string): Promise<string>
  /** Also verifies plain Argon2id strings without `keyid`. A string of no known form matches nothing, at the same cost. */
  verify(stored: string, password: string): Promise<boolean>
  /** Costs as much as `verify` and is never true: for accounts that do not exist, so that nobody can tell by the time. */
  verifyNothing(password: string): Promise<false>
  /** Whether to hash again at the next sign-in: other cost, an older pepper, no pepper. */
  needsRehash(stored: string): boolean
}

/** Makes the hasher of one process. */
export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { params, peppers, maxConcurrent, maxQueued } = options
  const gate = createWorkGate({ maxConcurrent, maxQueued, retryAfterSeconds: RETRY_AFTER_SECONDS })
  const cost = { memoryCost: params.memoryKib, timeCost: params.passes, parallelism: params.lanes }
  const keyId = keyIdField(peppers.current.id)

  const hash = async (password: string): Promise<string> => {
    const prepared = prepare(password, peppers.current)
    const phc = await gate(() =>
      argon2.hash(prepared, { ...cost, outputLen: HASH_BYTES, salt: randomBytes(SALT_BYTES) }),
    )
    return phc.replace(/,p=\d+/, (lanes) => `${lanes},keyid=${keyId}`)
  }
  const verifyNothing = async (password: string): Promise<false> => {
    const prepared = prepare(password, peppers.current)
    await gate(() =>
      argon2.hashRaw(prepared, { ...cost, outputLen: HASH_BYTES, salt: randomBytes(SALT_BYTES) }),
    )
    return false
  }
  const prepareFor = (stored: StoredHash, password: string): string | undefined => {
    if (stored.keyId === undefined) return password
    const pepper = [...peppers.byId.values()].find(({ id }) => keyIdField(id) === stored.keyId)
    return pepper && prepare(password, pepper)
  }

  return {
    hash,
    verifyNothing,
    async verify(stored, password) {
      const parsed = parseStored(stored)
      const prepared = parsed && prepareFor(parsed, password)
      if (prepared === undefined) return verifyNothing(password)
      return gate(() => argon2.verify(stored, prepared))
    },
    needsRehash(stored) {
      const parsed = parseStored(stored)
      return (
        parsed?.keyId !== keyId ||
        parsed.memoryKib !== params.memoryKib ||
        parsed.passes !== params.passes ||
        parsed.lanes !== params.lanes ||
        parsed.hashLength < HASH_BYTES
      )
    },
  }
}

/** How many hashes may run at once on this machine: its cores, and no more than a quarter of its memory at 64 MiB each. */
export function defaultHashConcurrency(cores = availableParallelism(), memoryBytes = totalmem()): number {
  return Math.max(1, Math.min(cores, Math.floor((memoryBytes * MEMORY_SHARE) / MEMORY_PER_HASH_BYTES)))
}

interface StoredHash extends Argon2Params {
  keyId: string | undefined
  hashLength: number
}

function parseStored(stored: string): StoredHash | undefined {
  const match = STORED.exec(stored)
  if (match === null) return undefined
  const [, memoryKib, passes, lanes, keyId, hash = ''] = match
  return {
    memoryKib: Number(memoryKib),
    passes: Number(passes),
    lanes: Number(lanes),
    keyId,
    hashLength: Buffer.from(hash, 'base64').length,
  }
}

// Note: as base64, because the library verifies nothing but UTF-8 text.
function prepare(password: string, pepper: SecretKey): string {
  return createHmac('sha256', pepper.key).update(password.normalize('NFC')).digest('base64')
}

function keyIdField(pepperId: string): string {
  return Buffer.from(PREPARED_AS + pepperId)
    .toString('base64')
    .replace(/=+$/, '')
}
