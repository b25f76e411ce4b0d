import type { Actor } from '../../platform/http/actor.ts'
import { unauthenticated } from '../../platform/http/http-errors.ts'
import type { RequestFacts } from '../../platform/http/route.ts'
import type { Operator } from '../dead-jobs.ts'

/** The operator who asks. Throws the 401 for a credential that is no session. */
export function operatorIn({
  actor,
  request,
}: {
  readonly actor: Actor
  readonly request: RequestFacts
}): Operator {
  if (actor.sessionId === undefined) throw unauthenticated()
  const { clientAddress: address, id: requestId } = request
  return { actorId: actor.id, sessionId: actor.sessionId, address, requestId }
}
