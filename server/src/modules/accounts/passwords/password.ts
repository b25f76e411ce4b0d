import type { HashPlace, PasswordHasher } from '../../../platform/crypto/password-hash.ts'
import type { PasswordOwner, PasswordRules } from '../../../platform/crypto/password-rules.ts'
import { BusyError } from '../../../platform/work-gate.ts'
import { accountsErrors } from '../accounts.errors.ts'

export type { HashPlace }

declare const hashed: unique symbol

/** A stored password hash. Only this file makes one, so whoever creates a member stores a hash and nothing else. */
export type PasswordHash = string & { readonly [hashed]: true }

/** The one place where members' passwords are judged, hashed and verified. Slow: call it outside transactions. */
export interface Passwords {
  /**
   * Throws `accounts.password_refused` when the rules refuse it, naming the field at `path` (default `body.password`), and
   * `accounts.busy` when too many hashes wait.
   */
  hash(password: string, owner: PasswordOwner, path?: string): Promise<PasswordHash>
  /** Keeps a place for one hash, before anything else is done for it. Throws `accounts.busy`. */
  reserve(): HashPlace
  /** Costs the same for no hash as for a wrong password. Throws `accounts.busy`, unless it comes with a place. */
  verify(stored: string | null | undefined, password: string, place?: HashPlace): Promise<boolean>
  /** Whether there is a reason to store a stronger hash. */
  isWeak(stored: string | null): boolean
  /** A stronger hash to store in place of `stored`, when there is a reason to and the server has time for it. */
  rehash(stored: string | null, password: string): Promise<PasswordHash | undefined>
  /** A hash brought over from elsewhere, when `verify` could open it. */
  adopt(stored: string): PasswordHash | undefined
}

function refuseBusy(error: unknown): never {
  if (!(error instanceof BusyError)) throw error
  const headers = { 'retry-after': String(error.retryAfterSeconds) }
  throw accountsErrors.busy({}, { cause: error, headers })
}

export function createPasswords(hasher: PasswordHasher, rules: PasswordRules): Passwords {
  const hash = async (password: string) => (await hasher.hash(password)) as PasswordHash
  const isWeak = (stored: string | null) => stored !== null && hasher.needsRehash(stored)
  return {
    async hash(password, owner, path = 'body.password') {
      const problems = rules(password, owner)
      const [first] = problems
      if (first) {
        const errors = problems.map(({ message }) => ({ path, message }))
        throw accountsErrors.passwordRefused({ reason: first.message }, { errors })
      }
      return hash(password).catch(refuseBusy)
    },
    reserve() {
      try {
        return hasher.reserve()
      } catch (error) {
        return refuseBusy(error)
      }
    },
    verify(stored, password, place) {
      const verified = stored ? hasher.verify(stored, password, place) : hasher.verifyNothing(password, place)
      return verified.catch(refuseBusy)
    },
    isWeak,
    async rehash(stored, password) {
      if (!isWeak(stored)) return undefined
      try {
        return await hash(password)
      } catch (error) {
        if (error instanceof BusyError) return undefined
        throw error
      }
    },
    adopt: (stored) => (hasher.canVerify(stored) ? (stored as PasswordHash) : undefined),
  }
}
