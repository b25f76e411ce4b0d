import { isFresh, notFresh } from '../../../platform/http/access.ts'
import type { Actor } from '../../../platform/http/actor.ts'
import { unauthenticated } from '../../../platform/http/http-errors.ts'
import type { RequestFacts } from '../../../platform/http/route.ts'
import type { Acting } from '../acting.ts'

/** Who acts, in which session, from where. Throws the 401 for a credential that is no session. */
export function actingIn({
  actor,
  request,
}: {
  readonly actor: Actor
  readonly request: RequestFacts
}): Acting {
  if (actor.sessionId === undefined) throw unauthenticated()
  return {
    userId: actor.id,
    sessionId: actor.sessionId,
    address: request.clientAddress,
    userAgent: request.userAgent,
    requestId: request.id,
    assertProof(maxAgeSeconds, now) {
      if (!isFresh(actor, now, maxAgeSeconds)) throw notFresh(maxAgeSeconds)
    },
  }
}
