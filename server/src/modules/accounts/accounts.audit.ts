import type { AuditEntry } from '../../platform/audit/audit.ts'
import type { ClientFacts } from './client-facts.ts'

/** The facts of an entry about a member; who did it is for the entry to say. */
export function aboutUser(id: string): Pick<AuditEntry, 'objectType' | 'objectId'> {
  return { objectType: 'user', objectId: id }
}

/** The facts of an entry about what a request asked for. */
export function askedFrom({
  address,
  requestId,
}: Pick<ClientFacts, 'address' | 'requestId'>): Pick<AuditEntry, 'address' | 'requestId'> {
  return { address, requestId }
}
