import type { Me } from '../../lib/me.ts'

/** The roles in words, from the least to the most powerful. */
export const roleWords: Readonly<Record<Me['role'], string>> = {
  user: 'Member',
  creator: 'Creator',
  moderator: 'Moderator',
  admin: 'Administrator',
  super_admin: 'First administrator',
}

/** What an account is, in words. */
export const statusWords: Readonly<Record<Me['status'], string>> = {
  active: 'Active',
  inactive: 'Closed',
  suspended: 'Suspended',
  banned: 'Banned',
  pending_verification: 'Address not verified',
}
