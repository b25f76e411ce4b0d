import type { Db } from '../../../platform/db/index.ts'
import type { Page, PageQuery, ReadPage } from '../../../platform/paging/read-page.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type AccountsActor, accountsPolicy } from '../accounts.policy.ts'
import type { Members, SeenMember } from '../users/members.ts'
import type { UserRow } from '../users/user.table.ts'
import { findBlockersBetween } from './block.store.ts'
import { isFollowing } from './follow.store.ts'
import {
  followedBy,
  followersOf,
  type ListedUser,
  type ReadFollowList,
  requestsTo,
} from './follow-list.store.ts'

/** A request that waits, with the one who asks. */
export type SeenRequest = SeenMember<ListedUser>

export interface FollowListsOptions {
  readonly db: Db
  readonly members: Pick<Members, 'find' | 'seeAs'>
  readonly readPage: ReadPage
}

/** Which list to read, whose, and for whom. */
interface ListOf {
  readonly name: string
  readonly read: ReadFollowList
  readonly ownerId: string
  readonly viewer: AccountsActor | undefined
}

/** Reading who follows whom, newest first. All throw `accounts.cursor_invalid`. */
export function createFollowLists({ db, members, readPage }: FollowListsOptions) {
  const mayRead = async (viewer: AccountsActor | undefined, owner: UserRow): Promise<boolean> => {
    if (!viewer || viewer.id === owner.id) return accountsPolicy.readFollows(viewer, owner, {})
    const pair = { follower_id: viewer.id, following_id: owner.id }
    return accountsPolicy.readFollows(viewer, owner, {
      isFollower: await isFollowing(db, pair),
      isBlocked: (await findBlockersBetween(db.asSystem(), viewer.id, owner.id)).size > 0,
    })
  }

  const findOwner = async (viewer: AccountsActor | undefined, idOrName: string): Promise<string> => {
    const owner = await members.find(viewer, idOrName)
    if (!(await mayRead(viewer, owner))) throw accountsErrors.userNotFound()
    return owner.id
  }

  const page = async ({ name, read, ownerId, viewer }: ListOf, query: PageQuery) => {
    const { items, ...rest } = await readPage(
      {
        ...read(db.asSystem(), { ownerId, viewerId: viewer?.id }),
        name: `${name} ${ownerId}`,
        positionOf: (user: ListedUser) => ({ createdAt: user.follow_created_at, id: user.follow_id }),
      },
      query,
    )
    return { items: await members.seeAs(viewer, items), ...rest }
  }

  return {
    /** Throws `accounts.user_not_found` also when the viewer may see the member but not their lists. */
    async followers(
      viewer: AccountsActor | undefined,
      idOrName: string,
      query: PageQuery,
    ): Promise<Page<SeenMember>> {
      const ownerId = await findOwner(viewer, idOrName)
      return page({ name: 'followers', read: followersOf, ownerId, viewer }, query)
    },

    /** Throws as `followers` does. */
    async following(
      viewer: AccountsActor | undefined,
      idOrName: string,
      query: PageQuery,
    ): Promise<Page<SeenMember>> {
      const ownerId = await findOwner(viewer, idOrName)
      return page({ name: 'following', read: followedBy, ownerId, viewer }, query)
    },

    /** Who asks to follow the actor. */
    requests(actor: AccountsActor, query: PageQuery): Promise<Page<SeenRequest>> {
      return page({ name: 'follow-requests', read: requestsTo, ownerId: actor.id, viewer: actor }, query)
    },
  }
}
