import { describeDevice } from './device.ts'
import type { SessionRow } from './session.table.ts'
import { shortenAddress } from './shorten-address.ts'

/** A session for its member. `last_seen_at` is its latest sign-in or refresh, so at most one access token's life ago. */
export function viewSession(session: SessionRow, currentId: string) {
  return {
    id: session.id,
    device: describeDevice(session.user_agent),
    address: shortenAddress(session.ip_address),
    created_at: session.created_at,
    last_seen_at: session.last_seen_at,
    expires_at: session.expires_at,
    factors: session.amr,
    current: session.id === currentId,
  }
}
