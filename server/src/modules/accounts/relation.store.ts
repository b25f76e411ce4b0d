import { ownedBy, type Queryable } from '../../platform/db/index.ts'
import { sql } from './accounts.tables.ts'

/** What a member is to the one who looks. */
export interface Relation {
  readonly isFollowing: boolean
  readonly isFollowedBy: boolean
  readonly isBlocked: boolean
}

export const STRANGER: Relation = { isFollowing: false, isFollowedBy: false, isBlocked: false }

const following = sql.read((p: { viewerId: string; ids: string[] }) =>
  sql
    .from('follows')
    .select('following_id as id')
    .where('follower_id', '=', p.viewerId)
    .where('following_id', 'in', p.ids)
    .where('is_accepted', '=', true),
)

const followedBy = sql.read((p: { viewerId: string; ids: string[] }) =>
  sql
    .from('follows')
    .select('follower_id as id')
    .where('following_id', '=', p.viewerId)
    .where('follower_id', 'in', p.ids)
    .where('is_accepted', '=', true),
)

const blocked = sql.read((p: { viewerId: string; ids: string[] }) =>
  sql
    .from('blocks')
    .select('blocked_id as id')
    .where(ownedBy('blocks.blocker_id', p.viewerId))
    .where('blocked_id', 'in', p.ids),
)

/** The relations between a viewer and some members, by their ids; `db` must read as the viewer. */
export async function findRelations(
  db: Queryable,
  viewerId: string,
  ids: readonly string[],
): Promise<(id: string) => Relation> {
  const args = { viewerId, ids: [...ids] }
  const [to, from, without] = await Promise.all(
    [following, followedBy, blocked].map(
      async (query) => new Set((await query.all(db, args)).map(({ id }) => id)),
    ),
  )
  return (id) => ({
    isFollowing: to?.has(id) ?? false,
    isFollowedBy: from?.has(id) ?? false,
    isBlocked: without?.has(id) ?? false,
  })
}
