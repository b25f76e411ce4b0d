import type { UserRole } from '@outcry/contract/accounts'
import type { Audit, AuditEntry } from '../../platform/audit/audit.ts'
import type { Clock } from '../../platform/clock.ts'
import { canonicalText, type Db, type Tx } from '../../platform/db/index.ts'
import type { Throttle } from '../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../platform/throttle/throttle-policy.ts'
import { aboutUser } from './accounts.audit.ts'
import { accountsErrors } from './accounts.errors.ts'
import { isAtLeast } from './accounts.policy.ts'
import type { CreateUser, Granted, Registration } from './create-user.ts'
import type { EndAccess } from './end-access.ts'
import type { Notify } from './notices.ts'
import type { PasswordHash, Passwords } from './password.ts'
import type { SignedInUsers } from './signed-in-users.ts'
import { createRemoveSecondFactorOf } from './two-factor/remove-second-factor.ts'
import { findUserByUsername, updateUser } from './user.store.ts'
import type { UserPatch, UserRow } from './user.table.ts'
import { assertUsernameMayBeUsed } from './user-names.ts'
import type { AskForVerification } from './verification.ts'

/**
 * What the operator may do from the command line, without signing in. Members are named by their username; each method
 * throws `accounts.user_not_found` when nobody has it, and leaves an audit entry without an actor.
 */
export interface AccountsAdmin {
  /** Makes an account with any role, active at once or pending; a pending one gets its mail. */
  create(registration: Registration, granted?: Granted): Promise<UserRow>
  /** Ends every session and forgets failed sign-ins. Throws `accounts.password_refused`. */
  setPassword(username: string, password: string): Promise<void>
  /** Binds the next request; a lower role than before ends every session. */
  setRole(username: string, role: UserRole): Promise<void>
  /** Makes a pending, inactive, suspended or banned account active, its address as good as verified. */
  activate(username: string): Promise<void>
  /**
   * Switches two-factor sign-in off for a member who lost app and codes, and ends every session. Throws
   * `accounts.two_factor_off`.
   */
  disableTwoFactor(username: string): Promise<void>
}

export interface AccountsAdminOptions {
  readonly db: Db
  readonly clock: Clock
  readonly passwords: Passwords
  readonly createUser: CreateUser
  readonly askForVerification: AskForVerification
  readonly throttle: Throttle
  readonly audit: Audit
  readonly notify: Notify
  readonly signedInUsers: SignedInUsers
  readonly endAccess: EndAccess
}

interface Change extends Pick<AuditEntry, 'action' | 'details'> {
  readonly patch: UserPatch & { password_hash?: PasswordHash }
  readonly endsSessions?: 'password' | 'admin' | undefined
}

const NO_SANCTION = {
  ban_reason: null,
  banned_at: null,
  banned_by_id: null,
  suspension_reason: null,
  suspended_at: null,
  suspension_ends_at: null,
  suspended_by_id: null,
} as const

export function createAccountsAdmin(options: AccountsAdminOptions): AccountsAdmin {
  const { db, clock, passwords, createUser, askForVerification, throttle, audit, signedInUsers, endAccess } =
    options

  const removeSecondFactorOf = createRemoveSecondFactorOf(options)

  const find = async (username: string): Promise<UserRow> => {
    const user = await findUserByUsername(db, canonicalText(username))
    if (!user) throw accountsErrors.userNotFound()
    return user
  }

  const record = (tx: Tx, user: UserRow, entry: Pick<AuditEntry, 'action' | 'details'>) =>
    audit.record(tx, { ...entry, result: 'ok', ...aboutUser(user.id) })

  const change = async (user: UserRow, { patch, endsSessions, ...entry }: Change) => {
    const now = clock.now()
    await db.withSystem(async (tx) => {
      if (patch.password_hash) await throttle.reset(tx, PASSWORD_POLICY, user.id)
      await updateUser(tx, user.id, { ...patch, updated_at: now })
      if (endsSessions) await endAccess(tx, { userId: user.id, reason: endsSessions })
      signedInUsers.changed(tx, user.id)
      await record(tx, user, entry)
    })
  }

  return {
    async create(registration, granted = {}) {
      assertUsernameMayBeUsed(registration.username, { isOperator: true })
      return createUser({
        registration,
        granted,
        async complete(tx, user) {
          if (user.status === 'pending_verification') await askForVerification(tx, user)
          const details = { role: user.role, status: user.status }
          await record(tx, user, { action: 'account.created_by_operator', details })
        },
      })
    },

    async setPassword(username, password) {
      const user = await find(username)
      const password_hash = await passwords.hash(password, user)
      await change(user, {
        patch: { password_hash },
        endsSessions: 'password',
        action: 'account.password_set_by_operator',
      })
    },

    async setRole(username, role) {
      const user = await find(username)
      await change(user, {
        patch: { role },
        endsSessions: isAtLeast(role, user.role) ? undefined : 'admin',
        action: 'account.role_set_by_operator',
        details: { from: user.role, to: role },
      })
    },

    async activate(username) {
      const user = await find(username)
      const email_verified_at = user.email_verified_at ?? clock.now()
      await change(user, {
        patch: { status: 'active', email_verified_at, ...NO_SANCTION },
        action: 'account.activated_by_operator',
        details: { from: user.status },
      })
    },

    async disableTwoFactor(username) {
      await removeSecondFactorOf((await find(username)).id)
    },
  }
}
