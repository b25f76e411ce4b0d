import type { UserStatus } from '@outcry/contract/accounts'
import type { UserPatch, UserRow } from './user.table.ts'

/**
 * What an account is at a moment. A suspension is over the moment its end has passed, before anything has written so: the
 * one place that says this, for sign-in, refresh and every request.
 */
export function statusAt(user: Pick<UserRow, 'status' | 'suspension_ends_at'>, now: Date): UserStatus {
  const { status, suspension_ends_at: end } = user
  return status === 'suspended' && end !== null && end <= now ? 'active' : status
}

/** The row as it reads once everything is written that is so at this moment. */
export function asOf<U extends UserRow>(user: U, now: Date): U {
  const status = statusAt(user, now)
  return status === user.status ? user : { ...user, ...NO_SANCTION, status }
}

export const NO_SANCTION = {
  ban_reason: null,
  banned_at: null,
  banned_by_id: null,
  suspension_reason: null,
  suspended_at: null,
  suspension_ends_at: null,
  suspended_by_id: null,
} as const

/** A status that somebody gives an account. */
export interface NewStanding {
  readonly status: UserStatus
  readonly reason?: string | null | undefined
  /** When a suspension ends by itself; without it, when somebody says so. */
  readonly until?: Date | null | undefined
  /** The member who decided; absent for the operator and for time. */
  readonly byId?: string
}

/**
 * What a new status does to a row: the one place that says which sanction goes with it. Whoever makes an account active
 * vouches for its address.
 */
export function standingPatch(
  user: Pick<UserRow, 'email_verified_at'>,
  { status, reason = null, until = null, byId }: NewStanding,
  now: Date,
): Omit<UserPatch, 'password_hash'> {
  const by = byId ?? null
  switch (status) {
    case 'active':
      return { ...NO_SANCTION, status, email_verified_at: user.email_verified_at ?? now }
    case 'pending_verification':
      return { ...NO_SANCTION, status, email_verified_at: null }
    case 'inactive':
      return { ...NO_SANCTION, status }
    case 'suspended': {
      const suspension = { suspension_reason: reason, suspension_ends_at: until, suspended_by_id: by }
      return { ...NO_SANCTION, status, ...suspension, suspended_at: now }
    }
    case 'banned':
      return { ...NO_SANCTION, status, ban_reason: reason, banned_at: now, banned_by_id: by }
  }
}
