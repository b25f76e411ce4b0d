import { isFresh, notFresh } from '../../../platform/http/access.ts'
import type { Actor } from '../../../platform/http/actor.ts'
import type { RequestFacts } from '../../../platform/http/route.ts'
import type { Acting } from '../administration/administrators.ts'
import { askingIn } from './asking.ts'

/** Who acts on an account that may be another's. Throws the 401 for a credential that is no session. */
export function actingIn(call: { readonly actor: Actor; readonly request: RequestFacts }): Acting {
  return {
    ...askingIn(call),
    viewer: call.actor,
    assertFresh(now) {
      if (!isFresh(call.actor, now)) throw notFresh()
    },
  }
}
