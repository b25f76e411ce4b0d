import { acceptFollowRequestRoute } from './accept-follow-request.route.ts'
import { blockRoute } from './block.route.ts'
import { declineFollowRequestRoute } from './decline-follow-request.route.ts'
import { followRoute } from './follow.route.ts'
import { getBlockRoute } from './get-block.route.ts'
import { getMuteRoute } from './get-mute.route.ts'
import { listFollowRequestsRoute } from './list-follow-requests.route.ts'
import { listFollowersRoute } from './list-followers.route.ts'
import { listFollowingRoute } from './list-following.route.ts'
import { muteRoute } from './mute.route.ts'
import { unblockRoute } from './unblock.route.ts'
import { unfollowRoute } from './unfollow.route.ts'
import { unmuteRoute } from './unmute.route.ts'

/** The routes of `relations`, by the names of their contract. */
export const relationRoutes = {
  listFollowers: listFollowersRoute,
  listFollowing: listFollowingRoute,
  follow: followRoute,
  unfollow: unfollowRoute,
  listFollowRequests: listFollowRequestsRoute,
  acceptFollowRequest: acceptFollowRequestRoute,
  declineFollowRequest: declineFollowRequestRoute,
  getBlock: getBlockRoute,
  block: blockRoute,
  unblock: unblockRoute,
  getMute: getMuteRoute,
  mute: muteRoute,
  unmute: unmuteRoute,
} as const
