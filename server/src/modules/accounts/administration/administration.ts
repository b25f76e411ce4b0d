import type { UserRole, UserStatus } from '@outcry/contract/accounts'
import type { AppError } from '../../../platform/errors.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { accountsPolicy } from '../accounts.policy.ts'
import type { Members } from '../users/members.ts'
import type { NewStanding } from '../users/standing.ts'
import { findUser, lockUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { type Acting, askedAbout, type Decide, findActingAdmin } from './administrators.ts'
import { type Decision, decideRole, decideStanding, decideVerified } from './decisions.ts'
import { createEnact, type EnactOptions } from './enact.ts'

/** What an administrator changes about a member; what is left out stays. */
export interface AdministeredChange {
  readonly role?: UserRole | undefined
  readonly status?: UserStatus | undefined
  readonly isVerified?: boolean | undefined
  readonly reason?: string | null | undefined
  readonly until?: Date | null | undefined
}

/** A status that an administrator gives a member by a route of its own. */
export type AskedStanding = Omit<NewStanding, 'byId'>

export interface AdministrationOptions extends EnactOptions {
  readonly decide: Decide
  readonly members: Pick<Members, 'find'>
}

// Note: the last instant that both engines keep; an offset may reach beyond it.
const LATEST = new Date('9999-12-31T23:59:59.999Z')

interface Choice {
  /** What is said to somebody who means themselves. */
  readonly refuseSelf: () => AppError
  choose(user: UserRow, actor: UserRow): (Decision | undefined)[]
}

/**
 * What administrators do with other members. Each method throws `accounts.user_not_found`, `accounts.not_allowed`,
 * `accounts.factor_needed` and `accounts.last_admin`; refusals are in the audit log as well. Everything binds the next
 * request of the member (C48).
 */
export function createAdministration(options: AdministrationOptions) {
  const { clock, decide, members } = options
  const enact = createEnact(options)

  const decideAbout = (by: Acting, targetId: string, { refuseSelf, choose }: Choice): Promise<UserRow> =>
    decide(by, { action: 'account.administered', targetId }, async (tx) => {
      if (targetId === by.actor.userId) throw refuseSelf()
      const actor = await findActingAdmin(tx, by)
      const user = await lockUser(tx, targetId)
      if (!user || user.deleted_at !== null) throw accountsErrors.userNotFound()
      if (!accountsPolicy.administer(actor, user)) throw accountsErrors.notAllowed()
      const decisions = choose(user, actor).filter((each) => each !== undefined)
      if (decisions.length === 0) return user
      await enact(tx, { user, decisions, by: 'admin', facts: askedAbout(by, user.id) })
      return (await findUser(tx, targetId)) ?? user
    })

  return {
    /** When a suspension ends. Throws `accounts.suspension_end_invalid`, naming the field at `path`, unless that lies ahead. */
    readEnd(text: string | null | undefined, path: string): Date | null | undefined {
      if (text === null || text === undefined) return text
      const end = new Date(text)
      if (end > clock.now() && end <= LATEST) return end
      const errors = [{ path, message: 'must be a moment in the future' }]
      throw accountsErrors.suspensionEndInvalid({}, { errors })
    },

    /** Also throws `accounts.own_role`, and `accounts.not_allowed` for a role at or above the administrator's own. */
    async administer(by: Acting, idOrName: string, change: AdministeredChange): Promise<UserRow> {
      const { id } = await members.find(by.viewer, idOrName)
      const { role, isVerified } = change
      return decideAbout(by, id, {
        refuseSelf: () => accountsErrors.ownRole(),
        choose(user, actor) {
          if (role !== undefined && role !== user.role && !accountsPolicy.grant(actor, role)) {
            throw accountsErrors.notAllowed()
          }
          const standing = standingOf(user, change)
          return [
            role === undefined ? undefined : decideRole(user, role),
            standing && decideStanding(user, { ...standing, byId: actor.id }, clock.now()),
            isVerified === undefined ? undefined : decideVerified(user, isVerified),
          ]
        },
      })
    },

    /** Opens, closes or suspends an account. Also throws `accounts.not_yourself`. */
    async setStanding(by: Acting, idOrName: string, standing: AskedStanding): Promise<void> {
      const { id } = await members.find(by.viewer, idOrName)
      await decideAbout(by, id, {
        refuseSelf: () => accountsErrors.notYourself(),
        choose: (user, actor) => [decideStanding(user, { ...standing, byId: actor.id }, clock.now())],
      })
    },
  }
}

/** What a change says of the status; a suspension that goes on keeps what is not said anew. */
function standingOf(user: UserRow, change: AdministeredChange): AskedStanding | undefined {
  const { reason, until } = change
  const saysMore = user.status === 'suspended' && (reason !== undefined || until !== undefined)
  const status = change.status ?? (saysMore ? user.status : undefined)
  if (status === undefined) return undefined
  if (status !== 'suspended' || user.status !== 'suspended') return { status, reason, until }
  return {
    status,
    reason: reason === undefined ? user.suspension_reason : reason,
    until: until === undefined ? user.suspension_ends_at : until,
  }
}
