import type { Audit, AuditEntry } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { AppError } from '../../../platform/errors.ts'
import { initialState } from '../../../platform/state/state.ts'
import { aboutUser } from '../accounts.audit.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type AccountsActor, isAtLeast } from '../accounts.policy.ts'
import { type Asking, askedBySelf } from '../asking.ts'
import { listPasskeysOf } from '../passkeys/passkey.store.ts'
import { findSession } from '../sessions/session.store.ts'
import { findUser, hasOtherAdmin } from '../users/user.store.ts'
import type { UserPatch, UserRow } from '../users/user.table.ts'

/** Who asks for something to be done with an account, their own or another. */
export interface Acting extends Asking {
  readonly viewer: AccountsActor
  /** Throws the 401 that asks for a proof of who they are, unless this session has had one in the last five minutes. */
  assertFresh(now: Date): void
}

/** The facts of an audit entry about what somebody asked to be done with an account. */
export function askedAbout(by: Asking, targetId: string): Omit<AuditEntry, 'action' | 'result'> {
  return { ...askedBySelf(by), ...aboutUser(targetId) }
}

/**
 * Lets one transaction at a time, of all nodes, decide who may do what: whoever decides sees what the one before decided.
 * Take it first. To be called in transactions of the system.
 */
export async function holdAdministration(tx: Tx, clock: Clock): Promise<void> {
  await initialState(tx, 'administration', { value: 'held while somebody decides', clock })
}

const isActiveAdmin = ({ role, status }: Pick<UserRow, 'role' | 'status'>): boolean =>
  status === 'active' && isAtLeast(role, 'admin')

/** Throws `accounts.last_admin` when a change would leave nobody to administrate. Needs `holdAdministration`. */
export async function assertAdminRemains(tx: Tx, user: UserRow, patch: UserPatch): Promise<void> {
  const { role = user.role, status = user.status } = patch
  if (!isActiveAdmin(user) || isActiveAdmin({ role, status })) return
  if (!(await hasOtherAdmin(tx, user.id))) throw accountsErrors.lastAdmin()
}

/** RFC 8176: a code, a backup code, a passkey. */
const STRONG = new Set(['otp', 'kba', 'hwk', 'swk'])

/**
 * The administrator who asks, as they are in this transaction. Throws `accounts.not_allowed` when they are none any more
 * or their session has ended, and `accounts.factor_needed` when they have a second factor or passkey that was not used in
 * it (C47). Needs `holdAdministration`.
 */
export async function findActingAdmin(tx: Tx, by: Asking): Promise<UserRow> {
  const { userId, sessionId } = by.actor
  const actor = await findUser(tx, userId)
  const session = await findSession(tx, sessionId)
  const isTheirs = session?.user_id === userId && session.revoked_at === null
  if (!actor || !isTheirs || !isActiveAdmin(actor)) throw accountsErrors.notAllowed()
  const hasFactor = actor.two_factor_enabled || (await listPasskeysOf(tx, userId)).length > 0
  if (hasFactor && !session.amr.some((method) => STRONG.has(method))) {
    const headers = { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' }
    throw accountsErrors.factorNeeded({}, { headers })
  }
  return actor
}

/** Runs a decision about an account, alone of its kind; a refusal goes into the audit log as `action`. */
export type Decide = <T>(
  by: Asking,
  about: { readonly action: string; readonly targetId: string },
  work: (tx: Tx) => Promise<T>,
) => Promise<T>

export function createDecide({ db, clock, audit }: { db: Db; clock: Clock; audit: Audit }): Decide {
  return async (by, { action, targetId }, work) => {
    try {
      return await db.withSystem(async (tx) => {
        await holdAdministration(tx, clock)
        return work(tx)
      })
    } catch (error) {
      if (error instanceof AppError && error.status !== 404) {
        const details = { reason: error.code }
        await db.withSystem((tx) =>
          audit.record(tx, { action, result: 'refused', ...askedAbout(by, targetId), details }),
        )
      }
      throw error
    }
  }
}
