import type { Db, Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { UserRow } from '../users/user.table.ts'
import type { NoteFailure } from './lockout.ts'
import type { HashPlace, Passwords } from './password.ts'

export interface PasswordProof {
  /** Whose password it should be. */
  readonly user: Pick<UserRow, 'id' | 'password_hash'> | undefined
  readonly password: string
  readonly client: ClientFacts
  /** Who is counted when there is no account: the name that was tried, in canonical form. */
  readonly name?: string
  /** The place that the hash takes up; without one it looks for its own. */
  readonly place?: HashPlace
}

/** `locked` says nothing about the password: it may be the right one. */
export type ProvenPassword = 'right' | 'wrong' | 'locked'

/** What came of a password; `accepted` is absent unless it was right, and accepted. */
export interface JudgedPassword<T> {
  readonly proven: ProvenPassword
  readonly accepted: T | undefined
}

/**
 * Counts a verified password and only then says what came of it, in one transaction: nobody may learn it before the commit.
 * `accept` is asked only about a right one that is not locked; `undefined` makes it a failure all the same.
 */
export type JudgePassword = <T>(tx: Tx, accept: () => Promise<T | undefined>) => Promise<JudgedPassword<T>>

/**
 * The one way to prove a password: verified first, then counted, and only then looked at (decision 71). Unknown, wrong and
 * locked cost the same. A member whose password is locked by it is told. Both throw `accounts.busy`.
 */
export interface PasswordProofs {
  /** Verifies, outside of any transaction. */
  tryPassword(proof: PasswordProof): Promise<JudgePassword>
  /**
   * Verifies and counts in a commit of its own: as a failure until `throttle.clear` or `throttle.reset` is called in the
   * transaction of what it proves.
   */
  provePassword(proof: PasswordProof): Promise<ProvenPassword>
}

export type ProvePassword = PasswordProofs['provePassword']

export function createPasswordProofs(options: {
  readonly db: Db
  readonly passwords: Passwords
  readonly throttle: Throttle
  readonly noteFailure: NoteFailure
}): PasswordProofs {
  const { db, passwords, throttle, noteFailure } = options

  const tryPassword: PasswordProofs['tryPassword'] = async ({ user, password, client, name = '', place }) => {
    const isRight = (await passwords.verify(user?.password_hash, password, place)) && user !== undefined
    // Note: counted after the hash, so that an attempt which a busy server turned away costs nobody anything, and before
    // its outcome is told, so that guesses sent together gain nothing. By account where there is one: name and address
    // share a count.
    const subject = user?.id ?? `nobody ${name}`
    return async (tx, accept) => {
      const look = async () => (isRight ? accept() : undefined)
      const attempt = { policy: PASSWORD_POLICY, subject, look }
      const { success: accepted, isAllowed, standing } = await throttle.attempt(tx, attempt)
      if (isAllowed && !isRight) await noteFailure(tx, { userId: user?.id, client, standing })
      if (!isAllowed) return { proven: 'locked', accepted }
      return { proven: isRight ? 'right' : 'wrong', accepted }
    }
  }

  return {
    tryPassword,
    async provePassword(proof) {
      const judge = await tryPassword(proof)
      return (await db.withSystem((tx) => judge(tx, async () => undefined))).proven
    },
  }
}
