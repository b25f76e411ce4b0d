import type { Audit } from '../../platform/audit/audit.ts'
import type { Db } from '../../platform/db/index.ts'
import type { Throttle } from '../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../platform/throttle/throttle-policy.ts'
import { accountsErrors } from './accounts.errors.ts'
import type { Passwords } from './password.ts'
import type { ClientFacts, IssuedTokens, SessionTokens } from './session-tokens.ts'
import { findUserByEmail, findUserByUsername, updateUser } from './user.store.ts'
import type { UserRow } from './user.table.ts'
import { parseIdentifier } from './user-names.ts'

export interface SignInOptions {
  readonly db: Db
  readonly passwords: Passwords
  readonly tokens: SessionTokens
  readonly throttle: Throttle
  readonly audit: Audit
}

export interface PasswordSignIn {
  readonly identifier: string
  readonly password: string
}

const maySignIn = (user: UserRow): boolean =>
  user.status === 'active' || user.status === 'pending_verification'

/**
 * Signing in with a password, by username or address. Every refusal is the same 401 at the same cost: unknown name, wrong
 * password, locked or closed account (C6). Failures count on the name that was given, whether or not it exists (C7).
 */
export function createSignIn({ db, passwords, tokens, throttle, audit }: SignInOptions) {
  const find = (identifier: string) => {
    const { kind, key } = parseIdentifier(identifier)
    return kind === 'email' ? findUserByEmail(db, key) : findUserByUsername(db, key)
  }

  const refuse = async (user: UserRow | undefined, client: ClientFacts): Promise<never> => {
    await db.withSystem((tx) =>
      audit.record(tx, {
        action: 'sign_in.password',
        result: 'refused',
        ...(user ? { objectType: 'user', objectId: user.id } : {}),
        address: client.address,
        requestId: client.requestId,
      }),
    )
    throw accountsErrors.credentialsIncorrect()
  }

  return async ({ identifier, password }: PasswordSignIn, client: ClientFacts): Promise<IssuedTokens> => {
    const user = await find(identifier)
    // Note: counted by account where there is one, so that the name and the address share a count.
    const subject = user?.id ?? parseIdentifier(identifier).key
    const isAllowed = await throttle.take(PASSWORD_POLICY, subject)
    const isRight = await passwords.verify(user?.password_hash, password)
    if (!user || !isRight || !isAllowed || !maySignIn(user)) return refuse(user, client)
    const stronger = await passwords.rehash(user.password_hash ?? '', password)
    return db.withSystem(async (tx) => {
      await throttle.clear(tx, PASSWORD_POLICY, subject)
      if (stronger) await updateUser(tx, user.id, { password_hash: stronger })
      const issued = await tokens.open(tx, { userId: user.id, methods: ['pwd'], client })
      await audit.record(tx, {
        action: 'sign_in.password',
        result: 'ok',
        actorId: user.id,
        objectType: 'user',
        objectId: user.id,
        address: client.address,
        requestId: client.requestId,
      })
      return issued
    })
  }
}
