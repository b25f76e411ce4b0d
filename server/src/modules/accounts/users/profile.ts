import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { statusAt } from './standing.ts'
import { findUser, lockUser, updateUser } from './user.store.ts'
import type { UserPatch, UserRow } from './user.table.ts'

/** What members say about themselves; null and nothing are the same, and what is left out stays. */
export interface ProfileChange {
  readonly displayName?: string | null | undefined
  readonly bio?: string | null | undefined
  readonly avatarUrl?: string | null | undefined
  readonly coverImageUrl?: string | null | undefined
  readonly websiteUrl?: string | null | undefined
  readonly location?: string | null | undefined
  readonly isPrivate?: boolean | undefined
}

const orNull = (text: string | null | undefined) => (text === '' ? null : text)

function patchOf({ isPrivate, ...change }: ProfileChange): Omit<UserPatch, 'password_hash'> {
  const fields = {
    display_name: orNull(change.displayName),
    bio: orNull(change.bio),
    avatar_url: change.avatarUrl,
    cover_image_url: change.coverImageUrl,
    website: change.websiteUrl,
    location: orNull(change.location),
    privacy_level: isPrivate === undefined ? undefined : isPrivate ? 'private' : 'public',
  } as const
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined))
}

/** Changing one's own profile. Throws `accounts.refresh_invalid` when the account was closed or deleted meanwhile. */
export function createUpdateProfile(options: { db: Db; clock: Clock; signedInUsers: SignedInUsers }) {
  const { db, clock, signedInUsers } = options
  return async (userId: string, change: ProfileChange): Promise<UserRow> => {
    const user = await db.withMember(userId, async (tx) => {
      const now = clock.now()
      const held = await lockUser(tx, userId)
      if (!held || statusAt(held, now) !== 'active') return undefined
      await updateUser(tx, userId, { ...patchOf(change), updated_at: now })
      signedInUsers.changed(tx, userId)
      return findUser(tx, userId)
    })
    if (!user) throw accountsErrors.refreshInvalid()
    return user
  }
}
