import type { Tx } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import { type AccountsActor, accountsPolicy } from '../accounts.policy.ts'
import { lockUsers, type RelatedUser } from './related-user.store.ts'

/**
 * The other member as they are at this moment; neither of the two can change before the transaction ends. Throws
 * `accounts.user_not_found` when the actor may not see them any more, or is no active member any more.
 */
export async function lockPair(tx: Tx, actor: AccountsActor, otherId: string): Promise<RelatedUser> {
  const pair = await lockUsers(tx, [actor.id, otherId])
  const other = pair.get(otherId)
  const isThere = pair.get(actor.id)?.status === 'active' && other && accountsPolicy.read(actor, other)
  if (!isThere) throw accountsErrors.userNotFound()
  return other
}
