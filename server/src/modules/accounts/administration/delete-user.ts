import type { Audit } from '../../../platform/audit/audit.ts'
import type { Clock } from '../../../platform/clock.ts'
import type { Tx } from '../../../platform/db/index.ts'
import type { Events } from '../../../platform/jobs/events.ts'
import type { Throttle } from '../../../platform/throttle/throttle.ts'
import { PASSWORD_POLICY, SECOND_FACTOR_POLICY } from '../../../platform/throttle/throttle-policy.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { userDeleted } from '../accounts.events.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { Notify } from '../notices.ts'
import { deleteVerificationTokensOf } from '../registration/email-verification-token.store.ts'
import { removeRelationsOf } from '../relations/relation.store.ts'
import type { EndAccess } from '../sessions/end-access.ts'
import type { Members } from '../users/members.ts'
import { buryUser, findUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import {
  type Acting,
  askedAbout,
  assertAdminRemains,
  type Decide,
  findActingAdmin,
} from './administrators.ts'
import { deleteRowsOf } from './member-rows.store.ts'

export interface DeleteUserOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly decide: Decide
  readonly audit: Audit
  readonly notify: Notify
  readonly endAccess: EndAccess
  readonly throttle: Pick<Throttle, 'reset'>
  readonly events: Pick<Events, 'emit'>
  readonly members: Pick<Members, 'find'>
}

/**
 * Deletes an account for good, for its member in a fresh session or an administrator above them: nothing of it signs in
 * again, what it knew of the member is emptied, the address is free, the name is not. Throws the 401 of a session that is
 * not fresh, `accounts.user_not_found`, `accounts.not_allowed`, `accounts.last_admin` and `accounts.factor_needed`.
 */
export function createDeleteUser(options: DeleteUserOptions) {
  const { clock, newId, decide, audit, notify, endAccess, throttle, events, members } = options

  const assertMay = async (tx: Tx, by: Acting, user: UserRow) => {
    if (user.id === by.actor.userId) return
    if (!accountsPolicy.administer(await findActingAdmin(tx, by), user)) throw accountsErrors.notAllowed()
  }

  const bury = async (tx: Tx, user: UserRow) => {
    // Note: in the order of signing in and of proving an address, which hold the one counter and the mailed link before the
    // member and the other counter after.
    await throttle.reset(tx, PASSWORD_POLICY, user.id)
    await deleteVerificationTokensOf(tx, user.id)
    await removeRelationsOf(tx, user.id)
    await throttle.reset(tx, SECOND_FACTOR_POLICY, user.id)
    await endAccess(tx, { userId: user.id, reason: 'account' })
    await deleteRowsOf(tx, user.id)
    await buryUser(tx, { id: user.id, now: clock.now(), unguessable: newId() })
  }

  const tell = (tx: Tx, user: UserRow, { actor, client: { address, userAgent } }: Acting) =>
    notify(tx, user, {
      kind: 'accountDeleted',
      facts: user.id === actor.userId ? { address, userAgent } : { detail: 'An administrator did it.' },
    })

  // Note: so that nobody makes administrators wait, or fills the log about a member, by asking for what they never get.
  const assertMayAsk = (by: Acting, targetId: string) => {
    if (targetId === by.actor.userId) by.assertFresh(clock.now())
    else if (!accountsPolicy.administerAnybody(by.viewer))
      throw accountsErrors.notAllowed({}, { isHeard: true })
  }

  return async (by: Acting, idOrName: string): Promise<void> => {
    const { id: targetId } = await members.find(by.viewer, idOrName)
    assertMayAsk(by, targetId)
    await decide(by, { action: 'account.deleted', targetId }, async (tx) => {
      const user = await findUser(tx, targetId)
      if (!user || user.deleted_at !== null) throw accountsErrors.userNotFound()
      await assertMay(tx, by, user)
      await assertAdminRemains(tx, user, { status: 'inactive' })
      await bury(tx, user)
      await events.emit(tx, userDeleted({ user_id: user.id }))
      await tell(tx, user, by)
      const details = { role: user.role }
      await audit.record(tx, { action: 'account.deleted', result: 'ok', ...askedAbout(by, user.id), details })
    })
  }
}
