import { isUuid } from '../../../platform/crypto/uuid.ts'
import type { Actor } from '../../../platform/http/actor.ts'
import type { RequestFacts } from '../../../platform/http/route.ts'
import { vaultErrors } from '../../vault/index.ts'
import type { Asker } from '../broker-data.ts'
import { assertTokenReaches } from './assert-token-reaches.ts'

interface Call {
  readonly actor: Actor
  readonly request: RequestFacts
}

/**
 * Who asks, and with which credential; for the gateway also for which path. Throws 403 when the token that they act by was
 * not made for that, and the 404 of a credential that is not there for what is no id.
 */
export function askerIn({ actor, request }: Call, credentialId: string, path?: string): Asker {
  if (!isUuid(credentialId)) throw vaultErrors.credentialNotFound()
  assertTokenReaches(actor, { credentialId, ...(path === undefined ? {} : { path }) })
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
