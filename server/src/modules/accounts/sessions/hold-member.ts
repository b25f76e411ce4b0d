import type { Tx } from '../../../platform/db/index.ts'
import { asOf } from '../users/standing.ts'
import { lockUser } from '../users/user.store.ts'
import type { UserRow } from '../users/user.table.ts'
import { lockSession } from './session.store.ts'
import type { SessionOf } from './signed-in-users.ts'

/**
 * The member who acts, held with the session they act in until the transaction ends; `undefined` when that
 * session was ended, or the account closed, since their request came in.
 */
export async function holdMember(
  tx: Tx,
  { userId, sessionId }: SessionOf,
  now: Date,
): Promise<UserRow | undefined> {
  const [user, isOpen] = await Promise.all([
    lockUser(tx, userId),
    lockSession(tx, { id: sessionId, userId, now }),
  ])
  if (!user || !isOpen) return undefined
  const member = asOf(user, now)
  return member.status === 'active' ? member : undefined
}
