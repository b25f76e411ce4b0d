import { ownedBy, type Queryable, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import { lockUsers, uncountEdgesOf } from './related-user.store.ts'

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

const neighbours = sql.read((p: { id: string }) =>
  sql
    .from('follows')
    .select(['follower_id', 'following_id'])
    .where((eb) => eb.or([eb('follower_id', '=', p.id), eb('following_id', '=', p.id)])),
)

/**
 * Locks a member with everybody they share an edge with; from then on no edge of theirs can come or go. Who followed them
 * between the two statements is locked where they are counted, out of order: should that ever close a circle, PostgreSQL
 * ends it and somebody is asked to try again.
 */
async function lockNeighbourhood(tx: Tx, id: string): Promise<void> {
  const edges = await neighbours.all(tx, { id })
  const ids = new Set([id, ...edges.flatMap((edge) => [edge.follower_id, edge.following_id])])
  await lockUsers(tx, [...ids])
}

const dropFollows = sql.write((p: { id: string }) =>
  sql.builder
    .deleteFrom('follows')
    .where((eb) => eb.or([eb('follower_id', '=', p.id), eb('following_id', '=', p.id)])),
)

const dropBlocks = sql.write((p: { id: string }) =>
  sql.builder
    .deleteFrom('blocks')
    .where((eb) => eb.or([eb('blocker_id', '=', p.id), eb('blocked_id', '=', p.id)])),
)

const dropMutes = sql.write((p: { id: string }) =>
  sql.builder
    .deleteFrom('mutes')
    .where((eb) => eb.or([eb('muter_id', '=', p.id), eb('muted_id', '=', p.id)])),
)

/**
 * Takes away everything between one member and all others: follows and requests with their counters, blocks and mutes in
 * both directions. For the system, when an account goes for good: call it before the transaction changes or locks any
 * row of `users`, because it locks members in the order of their ids.
 */
export async function removeRelationsOf(tx: Tx, userId: string): Promise<void> {
  await lockNeighbourhood(tx, userId)
  await uncountEdgesOf(tx, userId)
  await dropFollows.run(tx, { id: userId })
  await dropBlocks.run(tx, { id: userId })
  await dropMutes.run(tx, { id: userId })
}
