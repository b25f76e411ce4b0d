import type { Clock } from '../../../platform/clock.ts'
import { canonicalText, type Db, isUniqueViolation, type Tx } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { AddressHeldError, assertNotHeld } from '../email-change/email-undo-token.store.ts'
import type { Passwords } from '../passwords/password.ts'
import { findUser, insertUser } from '../users/user.store.ts'
import type { NewUser, UserRow } from '../users/user.table.ts'
import { canonicalEmail } from './user-names.ts'

/** What everybody says who makes an account. */
export interface Registration {
  readonly username: string
  readonly email: string
  readonly password: string
  readonly displayName: string | null
}

/** What an operator may decide about an account that they make. */
export type Granted = Pick<NewUser, 'role' | 'status'>

export interface NewAccount {
  readonly registration: Registration
  readonly granted: Granted
  /** What belongs to the new account, written with it or not at all. */
  complete(tx: Tx, user: UserRow): Promise<void>
}

export type CreateUser = (account: NewAccount) => Promise<UserRow>

function translateTaken(error: unknown): unknown {
  const isEmailTaken = isUniqueViolation(error, 'email') || error instanceof AddressHeldError
  if (isEmailTaken) return accountsErrors.emailTaken({}, { cause: error })
  if (isUniqueViolation(error, 'username_key')) return accountsErrors.usernameTaken({}, { cause: error })
  return error
}

export interface CreateUserOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly passwords: Passwords
}

/** The one way in which an account comes to be. Throws `accounts.email_taken` or `accounts.username_taken`. */
export function createCreateUser({ db, clock, newId, passwords }: CreateUserOptions): CreateUser {
  return async ({ registration, granted, complete }) => {
    const { username, password, displayName } = registration
    const email = canonicalEmail(registration.email)
    const password_hash = await passwords.hash(password, { username, email })
    const id = newId()
    const now = clock.now()
    const write = async (tx: Tx) => {
      await insertUser(tx, {
        id,
        created_at: now,
        updated_at: now,
        username,
        username_key: canonicalText(username),
        email,
        password_hash,
        display_name: displayName,
        ...granted,
        email_verified_at: granted.status === 'active' ? now : null,
      })
      await assertNotHeld(tx, { emails: [email], now })
      const user = await findUser(tx, id)
      if (!user) throw new Error('A row that was just written is not there.')
      await complete(tx, user)
      return user
    }
    try {
      return await db.withSystem(write)
    } catch (error) {
      throw translateTaken(error)
    }
  }
}
