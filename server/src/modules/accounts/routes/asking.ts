import type { Actor } from '../../../platform/http/actor.ts'
import type { RequestFacts } from '../../../platform/http/route.ts'
import type { Asking } from '../asking.ts'
import { clientFacts } from './client-facts.ts'
import { sessionOf } from './session-of.ts'

/** Who asks, in which session, from where. Throws the 401 for a credential that is no session. */
export function askingIn(call: { readonly actor: Actor; readonly request: RequestFacts }): Asking {
  return { actor: sessionOf(call.actor), client: clientFacts(call.request) }
}
