import type { UserRole } from '@outcry/contract/accounts'
import type { Audit, AuditEntry } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import { canonicalText, type Db, type Tx } from '../../../platform/db/index.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { aboutUser } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { isAtLeast } from '../accounts.policy.ts'
import type { Notify } from '../notices.ts'
import type { Passwords } from '../passwords/password.ts'
import type { CreateUser, Granted, Registration } from '../registration/create-user.ts'
import { assertUsernameMayBeUsed } from '../registration/user-names.ts'
import type { AskForVerification } from '../registration/verification.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { createRemoveSecondFactorOf } from '../two-factor/remove-second-factor.ts'
import { findUserByUsername, lockUser, updateUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { holdAdministration } from './administrators.ts'
import { type Decision, decideRole, decideStanding } from './decisions.ts'
import { createEnact } from './enact.ts'

/**
 * What the operator may do from the command line, without signing in. Members are named by their username; each method
 * throws `accounts.user_not_found` when nobody has it, and leaves an audit entry without an actor.
 */
export interface AccountsAdmin {
  /** Makes an account with any role, active at once or pending; a pending one gets its mail. */
  create(registration: Registration, granted?: Granted): Promise<UserRow>
  /** Ends every session and forgets failed sign-ins. Throws `accounts.password_refused`. */
  setPassword(username: string, password: string): Promise<void>
  /**
   * Binds the next request; a lower role than before ends every session, and the member is told. Throws
   * `accounts.last_admin`.
   */
  setRole(username: string, role: UserRole): Promise<void>
  /** Makes a pending, inactive, suspended or banned account active, its address as good as verified; they are told. */
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

export function createAccountsAdmin(options: AccountsAdminOptions): AccountsAdmin {
  const { db, clock, passwords, createUser, askForVerification, throttle, audit, endAccess } = options

  const removeSecondFactorOf = createRemoveSecondFactorOf(options)
  const enact = createEnact(options)

  const find = async (username: string): Promise<UserRow> => {
    const user = await findUserByUsername(db, canonicalText(username))
    if (!user || user.deleted_at !== null) throw accountsErrors.userNotFound()
    return user
  }

  const record = (tx: Tx, user: UserRow, entry: Pick<AuditEntry, 'action' | 'details'>) =>
    audit.record(tx, { ...entry, result: 'ok', ...aboutUser(user.id) })

  const decide = async (username: string, choose: (user: UserRow) => Decision | undefined) => {
    const { id } = await find(username)
    await db.withSystem(async (tx) => {
      await holdAdministration(tx, clock)
      const user = await lockUser(tx, id)
      if (!user || user.deleted_at !== null) throw accountsErrors.userNotFound()
      const decision = choose(user)
      if (!decision) return
      await enact(tx, { user, decisions: [decision], by: 'operator', facts: aboutUser(id) })
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
          if (isAtLeast(user.role, 'admin')) await holdAdministration(tx, clock)
          const details = { role: user.role, status: user.status }
          await record(tx, user, { action: 'account.created_by_operator', details })
        },
      })
    },

    async setPassword(username, password) {
      const user = await find(username)
      const password_hash = await passwords.hash(password, user)
      await db.withSystem(async (tx) => {
        await throttle.reset(tx, PASSWORD_POLICY, user.id)
        const held = await lockUser(tx, user.id)
        if (!held || held.deleted_at !== null) throw accountsErrors.userNotFound()
        await updateUser(tx, user.id, { password_hash, updated_at: clock.now() })
        await endAccess(tx, { userId: user.id, reason: 'password' })
        await record(tx, user, { action: 'account.password_set_by_operator' })
      })
    },

    setRole: (username, role) => decide(username, (user) => decideRole(user, role)),

    activate: (username) =>
      decide(username, (user) => decideStanding(user, { status: 'active' }, clock.now())),

    async disableTwoFactor(username) {
      await removeSecondFactorOf((await find(username)).id)
    },
  }
}
