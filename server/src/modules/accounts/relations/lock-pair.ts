import type { Tx } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type AccountsActor, accountsPolicy } from '../accounts.policy.ts'
import { statusAt } from '../users/standing.ts'
import { lockUsers, type RelatedUser } from './related-user.store.ts'

/** Which two members, and when. */
export interface Pair {
  readonly actor: AccountsActor
  readonly otherId: string
  readonly now: Date
}

/**
 * The other member as they are at this moment; neither of the two can change before the transaction ends. Throws
 * `accounts.user_not_found` when the actor may not see them any more, or is no active member any more.
 */
export async function lockPair(tx: Tx, { actor, otherId, now }: Pair): Promise<RelatedUser> {
  const pair = await lockUsers(tx, [actor.id, otherId])
  const self = pair.get(actor.id)
  const other = pair.get(otherId)
  const isActive = self !== undefined && statusAt(self, now) === 'active'
  // Note: administrators see deleted members, but nothing is between anybody and them any more.
  const isThere = other !== undefined && other.deleted_at === null && accountsPolicy.read(actor, other)
  if (!isActive || !isThere) throw accountsErrors.userNotFound()
  return other
}
