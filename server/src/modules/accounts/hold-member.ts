import type { Tx } from '../../platform/db/index.ts'
import { findSession } from './session.store.ts'
import type { SessionOf } from './signed-in-users.ts'
import { lockUser } from './user.store.ts'
import type { UserRow } from './user.table.ts'

/**
 * For the system: the member who acts, held until the transaction ends; `undefined` when the session they act in was
 * ended, or the account closed, since their request came in.
 */
export async function holdMember(tx: Tx, { userId, sessionId }: SessionOf): Promise<UserRow | undefined> {
  const user = await lockUser(tx, userId)
  const session = await findSession(tx, sessionId)
  if (session?.user_id !== userId || session.revoked_at !== null) return undefined
  return user?.status === 'active' ? user : undefined
}
