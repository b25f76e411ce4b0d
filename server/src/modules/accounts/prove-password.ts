import type { Throttle } from '../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../platform/throttle/throttle-policy.ts'
import type { ClientFacts } from './client-facts.ts'
import type { NoteAttempt } from './lockout.ts'
import type { Passwords } from './password.ts'
import type { UserRow } from './user.table.ts'

export interface PasswordProof {
  /** Whose password it should be. */
  readonly user: Pick<UserRow, 'id' | 'password_hash'> | undefined
  readonly password: string
  readonly client: ClientFacts
  /** Who is counted when there is no account: the name that was tried, in canonical form. */
  readonly name?: string
}

/** `locked` says nothing about the password: it may be the right one. */
export type ProvenPassword = 'right' | 'wrong' | 'locked'

/**
 * The one way to prove a password: verified first, then counted, and only then looked at (decision 71). Each proof counts as
 * a failure until `throttle.clear` or `throttle.reset` is called in the transaction of what it proves. A member whose
 * password is locked by it is told. Unknown, wrong and locked cost the same. Throws `accounts.busy`.
 */
export type ProvePassword = (proof: PasswordProof) => Promise<ProvenPassword>

export function createProvePassword(options: {
  readonly passwords: Passwords
  readonly throttle: Throttle
  readonly noteAttempt: NoteAttempt
}): ProvePassword {
  const { passwords, throttle, noteAttempt } = options
  return async ({ user, password, client, name = '' }) => {
    const isRight = await passwords.verify(user?.password_hash, password)
    // Note: counted after the hash, so that an attempt which a busy server turned away costs nobody anything, and before
    // its outcome is used, so that guesses sent together gain nothing. By account where there is one: name and address
    // share a count.
    const subject = user?.id ?? `nobody ${name}`
    const isAllowed = await throttle.take(PASSWORD_POLICY, subject)
    const isWrong = !user || !isRight
    await noteAttempt({ subject, userId: user?.id, client, isFailure: isAllowed && isWrong })
    if (!isAllowed) return 'locked'
    return isWrong ? 'wrong' : 'right'
  }
}
