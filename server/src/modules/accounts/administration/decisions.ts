import type { UserRole } from '@outcry/contract/accounts'
import type { AuditEntry } from '../../../platform/audit/audit.ts'
import { isAtLeast } from '../accounts.policy.ts'
import { momentInWords, type NoticeFacts, type NoticeKind } from '../notices.ts'
import { type NewStanding, standingPatch } from '../users/standing.ts'
import type { UserPatch, UserRow } from '../users/user.table.ts'

/** What somebody who may decides about an account, with all that follows from it. */
export interface Decision {
  readonly patch: Omit<UserPatch, 'password_hash'>
  /** What was proven before is worth nothing afterwards. */
  readonly endsAccess: boolean
  /** What the log calls it, to be completed by who decided. */
  readonly action: 'account.role_set' | 'account.status_set' | 'account.verified_set'
  readonly details: NonNullable<AuditEntry['details']>
  /** What the member is told. */
  readonly notice?: { readonly kind: NoticeKind; readonly facts: NoticeFacts }
}

/** Another role; `undefined` when it is the one they have. A lower one ends every session. */
export function decideRole(user: UserRow, role: UserRole): Decision | undefined {
  if (role === user.role) return undefined
  return {
    patch: { role },
    endsAccess: !isAtLeast(role, user.role),
    action: 'account.role_set',
    details: { from: user.role, to: role },
    notice: { kind: 'roleChanged', facts: { detail: `You were ${user.role} and are ${role} now.` } },
  }
}

function closedInWords({ status, reason, until }: NewStanding): string {
  const end = until ? `until ${momentInWords(until)}` : 'until further notice'
  const what = status === 'suspended' ? `It is suspended ${end}.` : `Its status is ${status} now.`
  return reason ? `${what} The reason given: ${reason.replaceAll(/\s+/g, ' ').trim()}` : what
}

/** Another status; `undefined` when it says nothing new. Every status but `active` ends every session. */
export function decideStanding(user: UserRow, standing: NewStanding, now: Date): Decision | undefined {
  const { status, reason, until } = standing
  const saysMore = status === 'suspended' || status === 'banned'
  if (status === user.status && !saysMore) return undefined
  const isOpen = status === 'active'
  const end = until ? { until: until.toISOString() } : {}
  return {
    patch: standingPatch(user, standing, now),
    endsAccess: !isOpen,
    action: 'account.status_set',
    details: { from: user.status, to: status, ...(reason ? { reason } : {}), ...end },
    notice: isOpen
      ? { kind: 'accountOpened', facts: {} }
      : { kind: 'accountClosed', facts: { detail: closedInWords(standing) } },
  }
}

/** The mark of somebody who is who they say; `undefined` when nothing changes. */
export function decideVerified(user: UserRow, isVerified: boolean): Decision | undefined {
  if (isVerified === user.is_verified) return undefined
  return {
    patch: { is_verified: isVerified },
    endsAccess: false,
    action: 'account.verified_set',
    details: { from: user.is_verified, to: isVerified },
  }
}
