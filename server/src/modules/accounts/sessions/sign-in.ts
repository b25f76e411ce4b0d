import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { canonicalText, type Db, type Tx } from '../../../platform/db/index.ts'
import { aboutUser, askedFrom } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { ClientFacts } from '../client-facts.ts'
import type { Passwords } from '../passwords/password.ts'
import type { JudgePassword, PasswordProofs } from '../passwords/prove-password.ts'
import type { AskForSecondFactor, SecondFactorNeeded } from '../two-factor/pending-sign-ins.ts'
import { findUserByEmail, findUserByUsername, lockUser, replacePasswordHash } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import type { CompleteSignIn } from './complete-sign-in.ts'
import type { IssuedTokens } from './session-tokens.ts'

export interface SignInOptions {
  readonly db: Db
  readonly clock: Clock
  readonly passwords: Pick<Passwords, 'isWeak' | 'rehash' | 'reserve'>
  readonly tryPassword: PasswordProofs['tryPassword']
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

/** A password with the member that it may belong to, verified and not yet judged. */
interface Tried {
  readonly user: UserRow | undefined
  readonly judge: JudgePassword
}

const METHODS = ['pwd'] as const // RFC 8176

/** Why a sign-in was refused; for the audit log, never for the one who asked. */
type Refusal = 'unknown' | 'locked' | 'wrong' | 'closed' | 'superseded'

/** A weak hash gave way to a stronger one of the same password while it was verified: somebody signs in twice at once. */
class HashGaveWay extends Error {}

/**
 * Signing in with a password, by username or address. Every refusal is the same 401 at the same cost: unknown name, wrong
 * password, locked or closed account (C6). Failures count on the name that was given, whether or not it exists (C7), in the
 * transaction that tells of them. Where a second factor is on, a right password opens the way to it and nothing else (C19).
 */
export function createSignIn(options: SignInOptions) {
  const { db, clock, passwords, tryPassword, audit, completeSignIn, askForSecondFactor } = options

  const verify = async ({ identifier, password }: PasswordSignIn, client: ClientFacts): Promise<Tried> => {
    using place = passwords.reserve() // before anything is read, so that a busy server says so at no cost
    const name = canonicalText(identifier)
    const user = await (name.includes('@') ? findUserByEmail(db, name) : findUserByUsername(db, name))
    const judge = await tryPassword({ user, password, client, name, place })
    return { user, judge }
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

  /** The member of a right password, if they may come in: held, or the reason why they may not. */
  const admit = async (tx: Tx, user: UserRow | undefined): Promise<UserRow | Refusal> => {
    if (!user) return 'unknown'
    if (!accountsPolicy.holdSession(user, clock.now())) return 'closed'
    // Note: the lock makes a change of password, factor or status either come first, and show here, or come after, and
    // end what is opened here.
    const current = await lockUser(tx, user.id)
    if (!current || !accountsPolicy.holdSession(current, clock.now())) return 'superseded'
    if (current.password_hash === user.password_hash) return current
    if (passwords.isWeak(user.password_hash)) throw new HashGaveWay()
    return 'superseded'
  }

  const settle = async (
    tx: Tx,
    { user, judge }: Tried,
    from: SignInFrom,
  ): Promise<SignInAnswer | undefined> => {
    const { client } = from
    let reason: Refusal = 'unknown'
    const { proven, accepted } = await judge(tx, async () => {
      const admitted = await admit(tx, user)
      if (typeof admitted === 'object') return admitted
      reason = admitted
      return undefined
    })
    if (accepted?.two_factor_enabled) return askForMore(tx, accepted, from)
    if (accepted) {
      return completeSignIn(tx, { user: accepted, methods: METHODS, client, action: 'sign_in.password' })
    }
    if (user && proven !== 'right') reason = proven
    await audit.record(tx, {
      action: 'sign_in.password',
      result: 'refused',
      ...(user ? aboutUser(user.id) : {}),
      ...askedFrom(client),
      details: { reason },
    })
    return undefined
  }

  /** Not in the transaction of the sign-in, and not before it: a hash is slow, and only who is in may be told from others. */
  const strengthen = async ({ id, password_hash: from }: UserRow, password: string): Promise<void> => {
    const to = await passwords.rehash(from, password)
    if (from === null || !to) return
    await db.withSystem((tx) => replacePasswordHash(tx, { id, from, to }))
  }

  const signIn = async (typed: PasswordSignIn, client: ClientFacts): Promise<SignInAnswer | undefined> => {
    const { password, browserHash } = typed
    const tried = await verify(typed, client)
    try {
      const answer = await db.withSystem((tx) => settle(tx, tried, { browserHash, client }))
      if (answer && tried.user) await strengthen(tried.user, password)
      return answer
    } catch (error) {
      if (error instanceof HashGaveWay) return signIn(typed, client)
      throw error
    }
  }

  return async (typed: PasswordSignIn, client: ClientFacts): Promise<SignInAnswer> => {
    const answer = await signIn(typed, client)
    if (answer) return answer
    throw accountsErrors.credentialsIncorrect()
  }
}
