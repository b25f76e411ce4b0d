import { type UserRole, type UserStatus, userRoles } from '@outcry/contract/accounts'
import { statusAt } from './users/standing.ts'
import type { UserRow } from './users/user.table.ts'

/** Who acts, as far as the rules on members need to know. */
export interface AccountsActor {
  readonly id: string
  readonly role: string
}

const ranks: readonly string[] = userRoles

/** Whether one role is at or above another. */
export const isAtLeast = (role: string, least: UserRole): boolean =>
  ranks.indexOf(role) >= ranks.indexOf(least)

/** Whether a profile is for its followers, who are accepted by hand. */
export const isPrivate = ({ privacy_level }: Pick<UserRow, 'privacy_level'>): boolean =>
  privacy_level !== 'public'

/** What may be done with members; whatever no rule allows is denied. */
export const accountsPolicy = {
  /** Active members are for everyone; others see themselves, moderators see all, and administrators deleted ones, too. */
  read(
    actor: AccountsActor | undefined,
    user: { id: string; status: UserStatus; deleted_at?: Date | null },
  ): boolean {
    if (user.deleted_at) return actor !== undefined && isAtLeast(actor.role, 'admin')
    if (user.status === 'active') return true
    return actor !== undefined && (actor.id === user.id || isAtLeast(actor.role, 'moderator'))
  },
  /**
   * Who follows a member and whom they follow: moderators see all, a block in either direction closes it, and beyond
   * that a private profile is for its owner and accepted followers.
   */
  readFollows(
    actor: AccountsActor | undefined,
    owner: Pick<UserRow, 'id' | 'privacy_level'>,
    { isFollower = false, isBlocked = false }: { isFollower?: boolean; isBlocked?: boolean },
  ): boolean {
    if (actor && (actor.id === owner.id || isAtLeast(actor.role, 'moderator'))) return true
    return !isBlocked && (isFollower || !isPrivate(owner))
  },
  filterByStatus: (actor: AccountsActor | undefined): boolean =>
    actor !== undefined && isAtLeast(actor.role, 'moderator'),
  /** Whoever looks after members finds all of them in the list, or a member could escape them by a block. */
  listBlocked: (actor: AccountsActor | undefined): boolean =>
    actor !== undefined && isAtLeast(actor.role, 'moderator'),
  seeStanding: (actor: AccountsActor | undefined): boolean =>
    actor !== undefined && isAtLeast(actor.role, 'moderator'),
  /** Pending members may: they read their own account and ask for another mail. */
  holdSession(user: { status: UserStatus; suspension_ends_at: Date | null }, now: Date): boolean {
    const status = statusAt(user, now)
    return status === 'active' || status === 'pending_verification'
  },
  /** Whether there is anybody at all whom they may decide about. */
  administerAnybody: (actor: AccountsActor): boolean => isAtLeast(actor.role, 'admin'),
  /** Administrators decide about members below them, the highest role about everybody else; nobody about themselves. */
  administer(actor: AccountsActor, user: { id: string; role: UserRole }): boolean {
    if (actor.id === user.id || !accountsPolicy.administerAnybody(actor)) return false
    return actor.role === 'super_admin' || ranks.indexOf(user.role) < ranks.indexOf(actor.role)
  },
  /** Nobody hands out a role at or above their own. */
  grant: (actor: AccountsActor, role: UserRole): boolean => ranks.indexOf(role) < ranks.indexOf(actor.role),
} as const
