import type { RequestFacts } from '../../../platform/http/route.ts'
import type { ClientFacts } from '../client-facts.ts'

export function clientFacts(request: RequestFacts): ClientFacts {
  return { address: request.clientAddress, userAgent: request.userAgent, requestId: request.id }
}
