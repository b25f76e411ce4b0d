import type { Audit } from '../../platform/audit/audit.ts'
import { canonicalText, type Db } from '../../platform/db/index.ts'
import type { Throttle } from '../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../platform/throttle/throttle-policy.ts'
import { aboutUser, askedFrom } from './accounts.audit.ts'
import { accountsErrors } from './accounts.errors.ts'
import { accountsPolicy } from './accounts.policy.ts'
import type { ClientFacts } from './client-facts.ts'
import type { CompleteSignIn } from './complete-sign-in.ts'
import type { Passwords } from './password.ts'
import type { ProvePassword } from './prove-password.ts'
import type { IssuedTokens } from './session-tokens.ts'
import { findUser, findUserByEmail, findUserByUsername, updateUser } from './user.store.ts'
import type { UserRow } from './user.table.ts'

export interface SignInOptions {
  readonly db: Db
  readonly passwords: Pick<Passwords, 'rehash'>
  readonly provePassword: ProvePassword
  readonly throttle: Throttle
  readonly audit: Audit
  readonly completeSignIn: CompleteSignIn
}

export interface PasswordSignIn {
  readonly identifier: string
  readonly password: string
}

/** Why a sign-in was refused; for the audit log, never for the one who asked. */
type Refusal = 'unknown' | 'locked' | 'wrong' | 'closed' | 'superseded'

/**
 * Signing in with a password, by username or address. Every refusal is the same 401 at the same cost: unknown name, wrong
 * password, locked or closed account (C6). Failures count on the name that was given, whether or not it exists (C7).
 */
export function createSignIn(options: SignInOptions) {
  const { db, passwords, provePassword, throttle, audit, completeSignIn } = options

  const refuse = async (reason: Refusal, user: UserRow | undefined, client: ClientFacts): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, {
        action: 'sign_in.password',
        result: 'refused',
        ...(user ? aboutUser(user.id) : {}),
        ...askedFrom(client),
        details: { reason },
      }),
    )
    throw accountsErrors.credentialsIncorrect({}, { headers: { 'www-authenticate': 'Bearer' } })
  }

  const open = async (user: UserRow, password: string, client: ClientFacts) => {
    const stronger = await passwords.rehash(user.password_hash, password)
    return db.withSystem(async (tx) => {
      await throttle.clear(tx, PASSWORD_POLICY, user.id)
      // Note: `clear` holds the counter that a change of password deletes, so either that change comes first and shows
      // here, or it comes after and ends the session that is opened here.
      const current = await findUser(tx, user.id)
      if (current?.password_hash !== user.password_hash || !accountsPolicy.holdSession(current))
        return undefined
      if (stronger) await updateUser(tx, user.id, { password_hash: stronger })
      return completeSignIn(tx, { user: current, methods: ['pwd'], client, action: 'sign_in.password' })
    })
  }

  return async ({ identifier, password }: PasswordSignIn, client: ClientFacts): Promise<IssuedTokens> => {
    const name = canonicalText(identifier)
    const user = await (name.includes('@') ? findUserByEmail(db, name) : findUserByUsername(db, name))
    const proven = await provePassword({ user, password, client, name })
    if (!user) return refuse('unknown', user, client)
    if (proven !== 'right') return refuse(proven, user, client)
    if (!accountsPolicy.holdSession(user)) return refuse('closed', user, client)
    return (await open(user, password, client)) ?? refuse('superseded', user, client)
  }
}
