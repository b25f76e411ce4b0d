import { type UserRole, type UserStatus, userRoles } from '@outcry/contract/accounts'

/** Who acts, as far as the rules on members need to know. */
export interface AccountsActor {
  readonly id: string
  readonly role: string
}

const ranks: readonly string[] = userRoles
const rank = (role: string): number => ranks.indexOf(role)
const isAtLeast = (actor: AccountsActor | undefined, role: UserRole): boolean =>
  actor !== undefined && rank(actor.role) >= rank(role)

/** What may be done with members; whatever no rule allows is denied. */
export const accountsPolicy = {
  /** Active members are for everyone; others see themselves, and moderators see all. */
  read(actor: AccountsActor | undefined, user: { id: string; status: UserStatus }): boolean {
    return user.status === 'active' || actor?.id === user.id || isAtLeast(actor, 'moderator')
  },
  filterByStatus: (actor: AccountsActor | undefined): boolean => isAtLeast(actor, 'moderator'),
} as const
