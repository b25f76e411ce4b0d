import { USED } from '../protocol/use-entries.ts'
import type { CredentialEvent } from './credential-audit.ts'

const textOf = (fact: string | number | boolean | null | undefined) =>
  typeof fact === 'string' ? fact : null

/** One use or change of a credential as its owner sees it. */
export function viewCredentialEvent({ entry, end }: CredentialEvent) {
  const { details, result } = entry
  return {
    id: entry.id,
    at: entry.at,
    action: entry.action,
    purpose: textOf(details.purpose),
    actor_id: entry.actor_id,
    session_id: entry.session_id,
    token_id: textOf(details.token_id),
    outcome: entry.action === USED ? textOf(end?.details.outcome) : (textOf(details.outcome) ?? result),
    address: entry.address,
    request_id: entry.request_id,
  }
}
