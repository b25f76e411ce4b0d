import { viewUserPublic } from '../users/user.view.ts'
import type { SeenRequest } from './follow-lists.ts'
import type { Followed } from './follows.ts'

/** That one member follows another, for the two of them. */
export function viewFollow({ follow, isMutual }: Followed) {
  const { id, created_at, updated_at, follower_id, following_id, is_accepted } = follow
  return { id, created_at, updated_at, follower_id, following_id, is_accepted, is_mutual: isMutual }
}

/** A request that waits, for the member who is asked. */
export function viewFollowRequest({ user, relation }: SeenRequest) {
  return {
    id: user.follow_id,
    created_at: user.follow_created_at,
    updated_at: user.follow_updated_at,
    follower: viewUserPublic(user, relation),
  }
}
