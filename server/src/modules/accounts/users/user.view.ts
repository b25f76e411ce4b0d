import { type AccountsActor, accountsPolicy, isPrivate } from '../accounts.policy.ts'
import type { Relation } from '../relations/relation.store.ts'
import type { UserRow } from './user.table.ts'

function publicFields(user: UserRow) {
  return {
    id: user.id,
    created_at: user.created_at,
    updated_at: user.updated_at,
    username: user.username,
    display_name: user.display_name,
    full_name: user.display_name,
    bio: user.bio,
    avatar_url: user.avatar_url,
    cover_image_url: user.cover_image_url,
    website_url: user.website,
    location: user.location,
    is_verified: user.is_verified,
    is_private: isPrivate(user),
    followers_count: user.follower_count,
    following_count: user.following_count,
    videos_count: user.video_count,
    posts_count: user.post_count,
  }
}

/** A member for themselves and for administrators. */
export function viewUserFull(user: UserRow) {
  return {
    ...publicFields(user),
    email: user.email,
    role: user.role,
    status: user.status,
    last_login_at: user.last_login_at,
    email_verified_at: user.email_verified_at,
    two_factor_enabled: user.two_factor_enabled,
  }
}

/** A member for themselves alone. */
export function viewUserSelf(user: UserRow) {
  return {
    ...viewUserFull(user),
    phone: user.phone_number,
    date_of_birth: user.date_of_birth,
    notification_preferences: {
      email: user.email_notifications,
      push: user.push_notifications,
      marketing: user.marketing_emails,
    },
  }
}

/** A member for everyone. */
export function viewUserPublic(user: UserRow, relation: Relation) {
  return {
    ...publicFields(user),
    is_following: relation.isFollowing,
    is_followed_by: relation.isFollowedBy,
    is_blocked: relation.isBlocked,
  }
}

/** A member in a list or by itself: to those who look after members, also what decides what may be done about them. */
export function viewMember(user: UserRow, relation: Relation, viewer: AccountsActor | undefined) {
  const shown = viewUserPublic(user, relation)
  if (!accountsPolicy.seeStanding(viewer)) return shown
  const can = { administer: viewer !== undefined && accountsPolicy.administer(viewer, user) }
  return { ...shown, role: user.role, status: user.status, can }
}
