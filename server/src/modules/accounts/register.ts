import type { Audit } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import { createOpaqueToken, digestToken } from '../../platform/crypto/opaque-token.ts'
import { canonicalText, type Db, isUniqueViolation, type Tx } from '../../platform/db/index.ts'
import type { Mail } from '../../platform/mail/mail.ts'
import { accountsErrors } from './accounts.errors.ts'
import { insertEmailVerificationToken } from './email-verification-token.store.ts'
import type { Passwords } from './password.ts'
import type { ClientFacts } from './session-tokens.ts'
import { findUser, insertUser } from './user.store.ts'
import type { NewUser, UserRow } from './user.table.ts'
import { assertUsernameIsFree, canonicalEmail } from './user-names.ts'
import { verificationMail } from './verification-mail.ts'

const VERIFICATION_TTL_MS = 24 * 3_600_000

export interface RegisterOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly passwords: Passwords
  readonly mail: Mail
  readonly audit: Audit
  readonly site: { readonly name: string; readonly publicUrl: URL }
}

export interface Registration {
  readonly username: string
  readonly email: string
  readonly password: string
  readonly displayName: string | null
}

/** What an operator may decide about an account that they make. */
export type Granted = Pick<NewUser, 'role' | 'status'>

function translateTaken(error: unknown): unknown {
  if (isUniqueViolation(error, 'email')) return accountsErrors.emailTaken({}, { cause: error })
  if (isUniqueViolation(error, 'username_key')) return accountsErrors.usernameTaken({}, { cause: error })
  return error
}

/** Making accounts, by the people themselves and by the operator. */
export function createRegister({ db, clock, newId, passwords, mail, audit, site }: RegisterOptions) {
  const sendVerification = async (tx: Tx, user: { id: string; email: string; username: string }) => {
    const token = createOpaqueToken()
    const now = clock.now()
    await insertEmailVerificationToken(tx, {
      id: newId(),
      user_id: user.id,
      created_at: now,
      token_hash: digestToken(token),
      expires_at: new Date(now.getTime() + VERIFICATION_TTL_MS),
    })
    await mail.queue(tx, verificationMail({ to: user.email, username: user.username, token, site }))
  }

  const create = async (
    registration: Registration,
    granted: Granted,
    after: (tx: Tx, user: UserRow) => Promise<void>,
  ) => {
    const { username, password, displayName } = registration
    assertUsernameIsFree(username)
    const email = canonicalEmail(registration.email)
    const hash = await passwords.hash(password, { username, email })
    const id = newId()
    const now = clock.now()
    const user: NewUser & { password_hash: typeof hash } = {
      id,
      created_at: now,
      updated_at: now,
      username,
      username_key: canonicalText(username),
      email,
      password_hash: hash,
      display_name: displayName,
      ...granted,
      email_verified_at: granted.status === 'active' ? now : null,
    }
    return db
      .withSystem(async (tx) => {
        await insertUser(tx, user)
        const created = await findUser(tx, id)
        if (!created) throw new Error('A row that was just written is not there.')
        await after(tx, created)
        return created
      })
      .catch((error: unknown) => {
        throw translateTaken(error)
      })
  }

  return {
    /** Makes a pending account and mails it a token. Throws `accounts.email_taken` or `accounts.username_taken`. */
    register(registration: Registration, client: ClientFacts): Promise<UserRow> {
      return create(registration, {}, async (tx, user) => {
        await sendVerification(tx, user)
        await audit.record(tx, {
          action: 'account.registered',
          result: 'ok',
          actorId: user.id,
          objectType: 'user',
          objectId: user.id,
          address: client.address,
          requestId: client.requestId,
        })
      })
    },

    /** Makes an account for the operator, with any role, active at once or pending. */
    createByOperator(registration: Registration, granted: Granted): Promise<UserRow> {
      return create(registration, granted, async (tx, user) => {
        if (user.status === 'pending_verification') await sendVerification(tx, user)
        await audit.record(tx, {
          action: 'account.created_by_operator',
          result: 'ok',
          objectType: 'user',
          objectId: user.id,
          details: { role: user.role, status: user.status },
        })
      })
    },
  }
}
