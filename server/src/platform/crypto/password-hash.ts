import { createHmac, randomBytes } from 'node:crypto'
import { availableParallelism, totalmem } from 'node:os'
import * as argon2 from '@node-rs/argon2'
import { createWorkGate, type WorkPlace } from '../work-gate.ts'
import { type Argon2Hash, type Argon2Params, isSoundArgon2Hash, parseArgon2Hash } from './argon2-hash.ts'
import { confusesBcrypt, isBcryptHash, verifyBcrypt } from './bcrypt-hash.ts'
import type { KeySet, SecretKey } from './key-ring.ts'

const SALT_BYTES = 16
const HASH_BYTES = 32
const RETRY_AFTER_SECONDS = 2
const MEMORY_SHARE = 0.25
const MEMORY_PER_HASH_BYTES = 64 * 1024 * 1024
const PREPARED_AS = 'n' // NFC, then HMAC-SHA-256 with the pepper; recorded in front of the pepper's id

/** What passwords are hashed with, and how many at once. */
export interface PasswordHasherOptions {
  params: Argon2Params
  peppers: KeySet<SecretKey>
  /** Hashes computed at once, each holding `memoryKib`. See `defaultHashConcurrency`. */
  maxConcurrent: number
  /** Hashes that may wait for a place. */
  maxQueued: number
}

/** A place for one hash, as `reserve` gives it. */
export type HashPlace = WorkPlace

/**
 * Hashes passwords with Argon2id over an HMAC with a key from outside the database, off the event loop. Every method that
 * hashes throws `BusyError` when too many hashes are waiting, unless it comes with a place.
 */
export interface PasswordHasher {
  /**
   * A place for one hash, for whoever has to read something first: a busy server is found out before that. Dispose of it
   * once the hash is there. Throws `BusyError`.
   */
  reserve(): HashPlace
  /**
   * A PHC string of at most 255 characters that holds everything but the pepper: `$argon2id$v=19$m=…,t=…,p=…,keyid=…$salt$hash`,
   * where `keyid` is base64 of `n` (how the password was prepared) and the pepper's id.
   */
  hash(password: string): Promise<string>
  /**
   * Also verifies plain Argon2id strings without `keyid`, and bcrypt hashes at their own cost. A string of no known form
   * matches nothing, at the cost of a hash.
   */
  verify(stored: string, password: string, place?: HashPlace): Promise<boolean>
  /** Costs as much as `verify` and is never true: for accounts that do not exist, so that nobody can tell by the time. */
  verifyNothing(password: string, place?: HashPlace): Promise<false>
  /** Whether to hash again at the next sign-in: other cost, an older pepper, no pepper, bcrypt. */
  needsRehash(stored: string): boolean
  /** Whether `verify` could open a hash from elsewhere: its form is known, its pepper is here, its cost is bearable. */
  canVerify(stored: string): boolean
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
  const verifyNothing = async (password: string, place?: HashPlace): Promise<false> => {
    const prepared = prepare(password, peppers.current)
    const work = () =>
      argon2.hashRaw(prepared, { ...cost, outputLen: HASH_BYTES, salt: randomBytes(SALT_BYTES) })
    await gate(work, place)
    return false
  }
  const prepareFor = (stored: Argon2Hash, password: string): string | undefined => {
    if (stored.keyId === undefined) return password
    const pepper = [...peppers.byId.values()].find(({ id }) => keyIdField(id) === stored.keyId)
    return pepper && prepare(password, pepper)
  }

  return {
    reserve: gate.reserve,
    hash,
    verifyNothing,
    async verify(stored, password, place) {
      if (isBcryptHash(stored) && !confusesBcrypt(password)) {
        return gate(() => verifyBcrypt(stored, password), place)
      }
      const parsed = parseArgon2Hash(stored)
      const prepared = parsed && prepareFor(parsed, password)
      if (prepared === undefined) return verifyNothing(password, place)
      return gate(() => argon2.verify(stored, prepared), place)
    },
    needsRehash(stored) {
      const parsed = parseArgon2Hash(stored)
      return (
        parsed?.keyId !== keyId ||
        parsed.memoryKib !== params.memoryKib ||
        parsed.passes !== params.passes ||
        parsed.lanes !== params.lanes ||
        parsed.hashLength < HASH_BYTES
      )
    },
    canVerify(stored) {
      if (isBcryptHash(stored)) return true
      const parsed = parseArgon2Hash(stored)
      return parsed !== undefined && prepareFor(parsed, '') !== undefined && isSoundArgon2Hash(stored, parsed)
    },
  }
}

/** How many hashes may run at once on this machine: its cores, and no more than a quarter of its memory at 64 MiB each. */
export function defaultHashConcurrency(cores = availableParallelism(), memoryBytes = totalmem()): number {
  return Math.max(1, Math.min(cores, Math.floor((memoryBytes * MEMORY_SHARE) / MEMORY_PER_HASH_BYTES)))
}

// Note: as base64, because the library verifies nothing but UTF-8 text.
function prepare(password: string, pepper: SecretKey): string {
  return createHmac('sha256', pepper.key).update(password.normalize('NFC')).digest('base64')
}

function keyIdField(pepperId: string): string {
  return Buffer.from(PREPARED_AS + pepperId)
    .toString('base64')
    .replace(/={1,2}$/, '')
}
