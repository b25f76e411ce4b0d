import type { Queryable, Row, Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { follows } from './relation.table.ts'

/** That one member follows another, or asks to. */
export type FollowRow = Row<typeof follows>

/** Who follows, and whom. */
export type FollowPair = Pick<FollowRow, 'follower_id' | 'following_id'>

/** A request, by its id and by the member who is asked. */
export type RequestKey = Pick<FollowRow, 'id' | 'following_id'>

type NewFollow = Omit<FollowRow, 'updated_at' | 'notified'>

const insert = sql.write((p: NewFollow) =>
  sql.builder
    .insertInto('follows')
    .values({
      id: p.id,
      created_at: p.created_at,
      updated_at: p.created_at,
      follower_id: p.follower_id,
      following_id: p.following_id,
      is_accepted: p.is_accepted,
      notified: false,
    })
    .onConflict((conflict) => conflict.columns(['follower_id', 'following_id']).doNothing())
    .returningAll(),
)

/** Adds an edge or a request; `undefined` when there is one already. */
export function insertFollow(tx: Tx, follow: NewFollow): Promise<FollowRow | undefined> {
  return insert.first(tx, follow)
}

const acceptedPair = sql.read((p: FollowPair) =>
  sql
    .from('follows')
    .select('id')
    .where('follower_id', '=', p.follower_id)
    .where('following_id', '=', p.following_id)
    .where('is_accepted', '=', true),
)

/** Whether one member follows another; a request does not count. */
export async function isFollowing(db: Queryable, pair: FollowPair): Promise<boolean> {
  return (await acceptedPair.first(db, pair)) !== undefined
}

const removal = sql.write((p: FollowPair) =>
  sql.builder
    .deleteFrom('follows')
    .where('follower_id', '=', p.follower_id)
    .where('following_id', '=', p.following_id)
    .returning('is_accepted'),
)

/** Takes an edge or a request away, and says which of the two it was. */
export function deleteFollow(tx: Tx, pair: FollowPair): Promise<Pick<FollowRow, 'is_accepted'> | undefined> {
  return removal.first(tx, pair)
}

const removalBetween = sql.write((p: { a: string; b: string }) =>
  sql.builder
    .deleteFrom('follows')
    .where((eb) =>
      eb.or([
        eb.and([eb('follower_id', '=', p.a), eb('following_id', '=', p.b)]),
        eb.and([eb('follower_id', '=', p.b), eb('following_id', '=', p.a)]),
      ]),
    )
    .returning(['follower_id', 'following_id', 'is_accepted']),
)

/** Takes away whatever one of two members is to the other, in both directions, and says what it was. */
export function deleteFollowsBetween(
  tx: Tx,
  a: string,
  b: string,
): Promise<(FollowPair & Pick<FollowRow, 'is_accepted'>)[]> {
  return removalBetween.all(tx, { a, b })
}

const request = sql.read((p: RequestKey) =>
  sql
    .from('follows')
    .select('follower_id')
    .where('id', '=', p.id)
    .where('following_id', '=', p.following_id)
    .where('is_accepted', '=', false),
)

/** Who asks with a request that still waits. */
export async function findRequester(db: Queryable, key: RequestKey): Promise<string | undefined> {
  return (await request.first(db, key))?.follower_id
}

const acceptance = sql.write((p: RequestKey & { now: Date }) =>
  sql.builder
    .updateTable('follows')
    .set({ is_accepted: true, created_at: p.now, updated_at: p.now })
    .where('id', '=', p.id)
    .where('following_id', '=', p.following_id)
    .where('is_accepted', '=', false)
    .returningAll(),
)

/** Accepts a request that still waits: the member is followed from now on. `undefined` when it waits no more. */
export function acceptRequest(tx: Tx, at: RequestKey & { now: Date }): Promise<FollowRow | undefined> {
  return acceptance.first(tx, at)
}

const refusal = sql.write((p: RequestKey) =>
  sql.builder
    .deleteFrom('follows')
    .where('id', '=', p.id)
    .where('following_id', '=', p.following_id)
    .where('is_accepted', '=', false),
)

/** Takes away a request that still waits; false when it waits no more. Nothing was counted, so nothing is locked. */
export async function deleteRequest(tx: Tx, key: RequestKey): Promise<boolean> {
  return (await refusal.run(tx, key)) === 1
}
