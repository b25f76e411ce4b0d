import type { RequestFacts } from '../../../platform/http/route.ts'
import type { ClientFacts } from '../session-tokens.ts'

export function clientFacts(request: RequestFacts): ClientFacts {
  return { address: request.clientAddress, userAgent: request.userAgent, requestId: request.id }
}
