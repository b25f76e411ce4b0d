import { NIL_UUID } from '../../../platform/crypto/uuid.ts'
import {
  computed,
  integer,
  keysetBefore,
  type Queryable,
  timestamptz,
  uuid,
  value,
} from '../../../platform/db/index.ts'
import type { Position } from '../../../platform/paging/read-page.ts'
import { sql } from '../accounts.tables.ts'
import { blockedEitherWay } from '../users/unblocked-users.ts'
import type { UserRow } from '../users/user.table.ts'
import type { FollowRow } from './follow.store.ts'

/** A member together with the edge or request that puts them in a list. */
export type ListedUser = UserRow &
  Readonly<{
    follow_id: FollowRow['id']
    follow_created_at: FollowRow['created_at']
    follow_updated_at: FollowRow['updated_at']
  }>

/** Whose list, and who looks. */
export interface ListFor {
  readonly ownerId: string
  readonly viewerId: string | undefined
}

type Args = { ownerId: string; viewerId: string }
type End = 'follower_id' | 'following_id'

/** Which end of an edge the list belongs to, and which end is in it. */
interface Side {
  readonly owner: End
  readonly listed: End
  readonly isAccepted: boolean
}

// Note: a system read, because who blocks the viewer is in rows that the viewer may not see. It therefore names every
// id itself: the owner's on the edges, the viewer's on the blocks.
const listed = (p: Args, { owner, listed: end, isAccepted }: Side) =>
  sql
    .from('follows')
    .innerJoin('users', 'users.id', `follows.${end}`)
    .where(`follows.${owner}`, '=', p.ownerId)
    .where('follows.is_accepted', '=', isAccepted)
    .where('users.status', '=', 'active')
    .where('users.id', 'not in', blockedEitherWay(p.viewerId))

const rows = (p: Args, side: Side) =>
  listed(p, side)
    .selectAll('users')
    .select([
      'follows.id as follow_id',
      'follows.created_at as follow_created_at',
      'follows.updated_at as follow_updated_at',
    ])
    .orderBy('follows.created_at', 'desc')
    .orderBy('follows.id', 'desc')

function listOf(side: Side) {
  const pages = sql.read((p: Args & { skip: number; limit: number }) =>
    rows(p, side).limit(p.limit).offset(p.skip),
  )
  const keysets = sql.read((p: Args & { createdAt: Date; id: string; limit: number }) =>
    rows(p, side)
      .where(
        keysetBefore(
          ['follows.created_at', 'follows.id'],
          [value(timestamptz(), p.createdAt), value(uuid(), p.id)],
        ),
      )
      .limit(p.limit),
  )
  const counts = sql.read((p: Args) =>
    listed(p, side).select((eb) => computed(eb.fn.countAll(), integer()).as('total')),
  )
  return (db: Queryable, { ownerId, viewerId }: ListFor) => {
    const args = { ownerId, viewerId: viewerId ?? NIL_UUID }
    return {
      listFrom: (page: { skip: number; limit: number }): Promise<ListedUser[]> =>
        pages.all(db, { ...args, ...page }),
      listAfter: (page: Position & { limit: number }): Promise<ListedUser[]> =>
        keysets.all(db, { ...args, ...page }),
      count: async (): Promise<number> => (await counts.first(db, args))?.total ?? 0,
    }
  }
}

/** Reads a list, newest first, without members who are not active and those between whom and the viewer is a block. */
export type ReadFollowList = ReturnType<typeof listOf>

/** Who follows a member, by when they began to. */
export const followersOf: ReadFollowList = listOf({
  owner: 'following_id',
  listed: 'follower_id',
  isAccepted: true,
})

/** Whom a member follows, by when they began to. */
export const followedBy: ReadFollowList = listOf({
  owner: 'follower_id',
  listed: 'following_id',
  isAccepted: true,
})

/** Who asks to follow a member, by when they asked. */
export const requestsTo: ReadFollowList = listOf({
  owner: 'following_id',
  listed: 'follower_id',
  isAccepted: false,
})
