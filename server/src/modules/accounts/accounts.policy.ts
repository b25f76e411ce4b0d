import { type UserRole, type UserStatus, userRoles } from '@outcry/contract/accounts'

/** Who acts, as far as the rules on members need to know. */
export interface AccountsActor {
  readonly id: string
  readonly role: string
}

const ranks: readonly string[] = userRoles

/** Whether one role is at or above another. */
export const isAtLeast = (role: string, least: UserRole): boolean =>
  ranks.indexOf(role) >= ranks.indexOf(least)

/** What may be done with members; whatever no rule allows is denied. */
export const accountsPolicy = {
  /** Active members are for everyone; others see themselves, and moderators see all. */
  read(actor: AccountsActor | undefined, user: { id: string; status: UserStatus }): boolean {
    if (user.status === 'active') return true
    return actor !== undefined && (actor.id === user.id || isAtLeast(actor.role, 'moderator'))
  },
  filterByStatus: (actor: AccountsActor | undefined): boolean =>
    actor !== undefined && isAtLeast(actor.role, 'moderator'),
  /** Pending members may: they read their own account and ask for another mail. */
  holdSession: (user: { status: UserStatus }): boolean =>
    user.status === 'active' || user.status === 'pending_verification',
} as const
