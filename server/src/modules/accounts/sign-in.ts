import type { Audit } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import { canonicalText, type Db, type Tx } from '../../platform/db/index.ts'
import type { Throttle } from '../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../platform/throttle/throttle-policy.ts'
import { aboutUser, askedFrom } from './accounts.audit.ts'
import { accountsErrors } from './accounts.errors.ts'
import { accountsPolicy } from './accounts.policy.ts'
import type { ClientFacts } from './client-facts.ts'
import type { CompleteSignIn } from './complete-sign-in.ts'
import type { PasswordHash, Passwords } from './password.ts'
import type { ProvePassword } from './prove-password.ts'
import type { IssuedTokens } from './session-tokens.ts'
import type { AskForSecondFactor, SecondFactorNeeded } from './two-factor/pending-sign-ins.ts'
import { findUserByEmail, findUserByUsername, lockUser, updateUser } from './user.store.ts'
import type { UserRow } from './user.table.ts'

export interface SignInOptions {
  readonly db: Db
  readonly clock: Clock
  readonly passwords: Pick<Passwords, 'rehash'>
  readonly provePassword: ProvePassword
  readonly throttle: Throttle
  readonly audit: Audit
  readonly completeSignIn: CompleteSignIn
  readonly askForSecondFactor: AskForSecondFactor
}

export interface PasswordSignIn {
  readonly identifier: string
  readonly password: string
  /** The digest of the browser's cookie; absent when no browser signs in. */
  readonly browserHash: Uint8Array | undefined
}

/** A session, or the way to one. */
export type SignInAnswer = IssuedTokens | SecondFactorNeeded

type SignInFrom = Pick<PasswordSignIn, 'browserHash'> & { readonly client: ClientFacts }

const METHODS = ['pwd'] as const // RFC 8176

/** Why a sign-in was refused; for the audit log, never for the one who asked. */
type Refusal = 'unknown' | 'locked' | 'wrong' | 'closed' | 'superseded'

/**
 * Signing in with a password, by username or address. Every refusal is the same 401 at the same cost: unknown name, wrong
 * password, locked or closed account (C6). Failures count on the name that was given, whether or not it exists (C7). Where a
 * second factor is on, a right password opens the way to it and nothing else (C19).
 */
export function createSignIn(options: SignInOptions) {
  const { db, clock, passwords, provePassword, throttle, audit, completeSignIn, askForSecondFactor } = options

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

  const askForMore = async (
    tx: Tx,
    { id: userId }: UserRow,
    from: SignInFrom,
  ): Promise<SecondFactorNeeded> => {
    const { browserHash, client } = from
    const needed = await askForSecondFactor(tx, { userId, methods: METHODS, browserHash })
    await audit.record(tx, {
      action: 'sign_in.password',
      result: 'ok',
      factor: METHODS.join(' '),
      ...aboutUser(userId),
      ...askedFrom(client),
      details: { second_factor: 'needed' },
    })
    return needed
  }

  const open = (user: UserRow, stronger: PasswordHash | undefined, from: SignInFrom) =>
    db.withSystem(async (tx): Promise<SignInAnswer | undefined> => {
      await throttle.clear(tx, PASSWORD_POLICY, user.id)
      // Note: the lock makes a change of password, factor or status either come first, and show here, or come after, and
      // end what is opened here.
      const current = await lockUser(tx, user.id)
      if (current?.password_hash !== user.password_hash || !accountsPolicy.holdSession(current, clock.now()))
        return undefined
      if (stronger) await updateUser(tx, user.id, { password_hash: stronger })
      if (current.two_factor_enabled) return askForMore(tx, current, from)
      const { client } = from
      return completeSignIn(tx, { user: current, methods: METHODS, client, action: 'sign_in.password' })
    })

  const signIn = async (typed: PasswordSignIn, client: ClientFacts): Promise<SignInAnswer> => {
    const { identifier, password, browserHash } = typed
    const name = canonicalText(identifier)
    const user = await (name.includes('@') ? findUserByEmail(db, name) : findUserByUsername(db, name))
    const proven = await provePassword({ user, password, client, name })
    if (!user) return refuse('unknown', user, client)
    if (proven !== 'right') return refuse(proven, user, client)
    if (!accountsPolicy.holdSession(user, clock.now())) return refuse('closed', user, client)
    const stronger = await passwords.rehash(user.password_hash, password)
    const answer = await open(user, stronger, { browserHash, client })
    if (answer) return answer
    // Note: a weak hash may have given way to a stronger one of the same password, when somebody signs in twice at once.
    return stronger ? signIn(typed, client) : refuse('superseded', user, client)
  }
  return signIn
}
