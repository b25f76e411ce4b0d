import type { Clock } from '../../../platform/clock.ts'
import type { Db, Tx } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type AccountsActor, isPrivate } from '../accounts.policy.ts'
import type { Members } from '../users/members.ts'
import { findBlockersBetween } from './block.store.ts'
import type { CountChange } from './count-changes.ts'
import {
  acceptRequest,
  deleteFollow,
  deleteRequest,
  type FollowRow,
  findRequester,
  insertFollow,
  isFollowing,
} from './follow.store.ts'
import { lockPair } from './lock-pair.ts'
import { lockUsers } from './related-user.store.ts'

/** An edge, and whether the other member follows as well. */
export interface Followed {
  readonly follow: FollowRow
  readonly isMutual: boolean
}

export interface FollowsOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly members: Pick<Members, 'find'>
  readonly countChange: CountChange
}

function assertNoBlock(blockers: ReadonlySet<string>, actorId: string): void {
  if (blockers.has(actorId)) throw accountsErrors.followRefused({ advice: 'unblock them first' })
  // Note: words that fit every reason, because nobody is told that they are blocked.
  if (blockers.size > 0) throw accountsErrors.followRefused({ advice: 'choose another member' })
}

/**
 * Following, and answering those who ask. Whatever changes an edge runs as the system, because the counters of both
 * members change with it; every statement names both ends, and one of them is always the actor.
 */
export function createFollows({ db, clock, newId, members, countChange }: FollowsOptions) {
  const countFollow = async (tx: Tx, follow: FollowRow): Promise<Followed> => {
    const reverse = { follower_id: follow.following_id, following_id: follow.follower_id }
    const [isMutual] = await Promise.all([isFollowing(tx, reverse), countChange(tx, follow, 1)])
    return { follow, isMutual }
  }

  return {
    /**
     * Follows at once, or asks when the profile is private. Throws `accounts.user_not_found`, `not_yourself`,
     * `already_following` (a request that waits counts), and `follow_refused` when either of the two blocks the other.
     */
    async follow(actor: AccountsActor, idOrName: string): Promise<Followed> {
      const { id } = await members.find(actor, idOrName)
      if (id === actor.id) throw accountsErrors.notYourself()
      return db.withSystem(async (tx) => {
        const now = clock.now()
        // Note: sent behind the lock and answered once it is held, so that a popular member is locked for less long.
        const [other, blockers] = await Promise.all([
          lockPair(tx, { actor, otherId: id, now }),
          findBlockersBetween(tx, actor.id, id),
        ])
        // Note: moderators see other members too, but nobody follows an account that is closed.
        if (other.status !== 'active') throw accountsErrors.userNotFound()
        assertNoBlock(blockers, actor.id)
        const follow = await insertFollow(tx, {
          id: newId(),
          created_at: now,
          follower_id: actor.id,
          following_id: id,
          is_accepted: !isPrivate(other),
        })
        if (!follow) throw accountsErrors.alreadyFollowing()
        if (!follow.is_accepted) return { follow, isMutual: false }
        return countFollow(tx, follow)
      })
    },

    /** Stops following, or takes the request back. Throws `accounts.user_not_found` or `accounts.not_following`. */
    async unfollow(actor: AccountsActor, idOrName: string): Promise<void> {
      const { id } = await members.find(actor, idOrName)
      await db.withSystem(async (tx) => {
        await lockPair(tx, { actor, otherId: id, now: clock.now() })
        const pair = { follower_id: actor.id, following_id: id }
        const gone = await deleteFollow(tx, pair)
        if (!gone) throw accountsErrors.notFollowing()
        if (gone.is_accepted) await countChange(tx, pair, -1)
      })
    },

    /** Lets the one who asked follow from now on. Throws `accounts.follow_request_not_found`. */
    async accept(actor: AccountsActor, id: string): Promise<Followed> {
      const key = { id, following_id: actor.id }
      const requesterId = await findRequester(db, key)
      if (requesterId === undefined) throw accountsErrors.followRequestNotFound()
      return db.withSystem(async (tx) => {
        const pair = await lockUsers(tx, [actor.id, requesterId])
        if (pair.get(requesterId)?.status !== 'active') throw accountsErrors.followRequestNotFound()
        const follow = await acceptRequest(tx, { ...key, now: clock.now() })
        if (!follow) throw accountsErrors.followRequestNotFound()
        return countFollow(tx, follow)
      })
    },

    /** Takes the request away; the one who asked may ask again. Throws `accounts.follow_request_not_found`. */
    async decline(actor: AccountsActor, id: string): Promise<void> {
      const isGone = await db.withSystem((tx) => deleteRequest(tx, { id, following_id: actor.id }))
      if (!isGone) throw accountsErrors.followRequestNotFound()
    },
  }
}
