import type { Actor } from '../../../platform/http/actor.ts'
import type { RequestFacts } from '../../../platform/http/route.ts'
import type { Asker } from '../broker-data.ts'

interface Call {
  readonly actor: Actor
  readonly request: RequestFacts
}

/** Who asks, and with which credential. */
export function askerIn({ actor, request }: Call, credentialId: string): Asker {
  return {
    userId: actor.id,
    credentialId,
    actor: {
      ...(actor.sessionId === undefined ? {} : { sessionId: actor.sessionId }),
      ...(actor.token === undefined ? {} : { tokenId: actor.token.id }),
      address: request.clientAddress,
      requestId: request.id,
    },
  }
}
