import type { AuditEntry } from '../../platform/audit/audit.ts'
import { aboutUser, askedFrom } from './accounts.audit.ts'
import type { ClientFacts } from './client-facts.ts'
import type { SessionOf } from './sessions/signed-in-users.ts'

/** A member who asks something about their own account, in which session, and from where. */
export interface Asking {
  readonly actor: SessionOf
  readonly client: ClientFacts
}

type AskingFacts = Pick<
  AuditEntry,
  'actorId' | 'sessionId' | 'objectType' | 'objectId' | 'address' | 'requestId'
>

/** The facts of an audit entry about what a member does with their own account. */
export function askedBySelf({ actor, client }: Asking): AskingFacts {
  const { userId, sessionId } = actor
  return { actorId: userId, sessionId, ...aboutUser(userId), ...askedFrom(client) }
}
