import type { Tx } from '../../../platform/db/index.ts'
import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import type { FollowPair } from './follow.store.ts'
import { countEdge } from './related-user.store.ts'

/** Counts an accepted edge that has come (1) or gone (-1), and lets both members read their counters at once. */
export type CountChange = (tx: Tx, edge: FollowPair, by: 1 | -1) => Promise<void>

export function createCountChange(signedInUsers: SignedInUsers): CountChange {
  return async (tx, edge, by) => {
    await countEdge(tx, edge, by)
    signedInUsers.changed(tx, edge.follower_id)
    signedInUsers.changed(tx, edge.following_id)
  }
}
