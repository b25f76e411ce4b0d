import { type AccountAction, accountActions } from '@outcry/contract/account-events'
import type { HistoryEntry } from '../../../platform/audit/audit-history.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'

/** How the names end of what only those do who run the instance, whether the log knows who it was or not. */
const BY_ADMINISTRATOR = /_by_(?:admin|operator)$/

// Note: the log knows that an address is another member's; whoever asks for it must not learn that from here either.
const ANSWERED_ALIKE: ReadonlySet<AccountAction> = new Set(['account.email_change_asked'])

const HIDDEN = { factor: null, address: null, session_id: null } as const

const shown: ReadonlySet<string> = new Set(accountActions)
const isShown = (action: string): action is AccountAction => shown.has(action)

/**
 * An entry about a member's account as they see it. Of what an administrator did it tells neither who it was nor where they
 * were; of a refusal of somebody unknown, such as a failed sign-in, where that came from. Throws for an entry that is not
 * shown.
 */
export function viewAccountEvent(entry: HistoryEntry, { userId, sessionId }: SessionOf) {
  const { id, at, action, result, actor_id } = entry
  if (!isShown(action)) throw new Error(`Entries called ${action} are not shown to members.`)
  // Note: an administrator may do to a member what members do themselves; then the actor is another.
  const isByAnother = actor_id !== null && actor_id !== userId
  const by_administrator = isByAnother || BY_ADMINISTRATOR.test(action)
  const { factor, address, session_id } = by_administrator ? HIDDEN : entry
  return {
    id,
    at,
    action,
    result: ANSWERED_ALIKE.has(action) ? ('ok' as const) : result,
    factor,
    address,
    session_id,
    current: session_id === sessionId,
    by_administrator,
  }
}
