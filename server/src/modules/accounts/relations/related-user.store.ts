import { lockRows, type Tx } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'
import type { UserRow } from '../users/user.table.ts'

/** What of a member decides who may follow them. */
export type RelatedUser = Pick<
  UserRow,
  'id' | 'status' | 'suspension_ends_at' | 'deleted_at' | 'privacy_level'
>

const lock = sql.read((p: { ids: string[] }) =>
  sql
    .from('users')
    .select(['id', 'status', 'suspension_ends_at', 'deleted_at', 'privacy_level'])
    .where('id', 'in', p.ids)
    .orderBy('id')
    .modifyEnd(lockRows()),
)

/**
 * Members as they are at this moment, until the end of the transaction. Whoever changes what is counted
 * or blocked between two members locks both first, by this one statement, which takes them in the order of their ids: a
 * follow and a block of one pair see each other, counters never drift, and nobody waits in a circle. For the system.
 */
export async function lockUsers(tx: Tx, ids: readonly string[]): Promise<Map<string, RelatedUser>> {
  const rows = await lock.all(tx, { ids: [...ids] })
  return new Map(rows.map((user) => [user.id, user]))
}

const addFollower = sql.write((p: { id: string; by: number }) =>
  sql.builder
    .updateTable('users')
    .set((eb) => ({ follower_count: eb('follower_count', '+', p.by) }))
    .where('id', '=', p.id),
)

const addFollowing = sql.write((p: { id: string; by: number }) =>
  sql.builder
    .updateTable('users')
    .set((eb) => ({ following_count: eb('following_count', '+', p.by) }))
    .where('id', '=', p.id),
)

/** Counts an accepted edge that has come (1) or gone (-1), on both of its members. */
export async function countEdge(
  tx: Tx,
  edge: { follower_id: string; following_id: string },
  by: 1 | -1,
): Promise<void> {
  await Promise.all([
    addFollowing.run(tx, { id: edge.follower_id, by }),
    addFollower.run(tx, { id: edge.following_id, by }),
  ])
}

const uncountFollowed = sql.write((p: { id: string }) =>
  sql.builder
    .updateTable('users')
    .set((eb) => ({ follower_count: eb('follower_count', '-', 1) }))
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('follows')
        .select('following_id')
        .where('follower_id', '=', p.id)
        .where('is_accepted', '=', true),
    ),
)

const uncountFollowers = sql.write((p: { id: string }) =>
  sql.builder
    .updateTable('users')
    .set((eb) => ({ following_count: eb('following_count', '-', 1) }))
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('follows')
        .select('follower_id')
        .where('following_id', '=', p.id)
        .where('is_accepted', '=', true),
    ),
)

const uncountOwn = sql.write((p: { id: string }) =>
  sql.builder.updateTable('users').set({ follower_count: 0, following_count: 0 }).where('id', '=', p.id),
)

/** Takes every edge of one member out of all counters, before the edges themselves go. */
export async function uncountEdgesOf(tx: Tx, id: string): Promise<void> {
  await uncountFollowed.run(tx, { id })
  await uncountFollowers.run(tx, { id })
  await uncountOwn.run(tx, { id })
}
