import { outOfScope } from '../../../platform/http/access.ts'
import type { Actor } from '../../../platform/http/actor.ts'
import { type Reach, tokenReaches } from '../gateway/token-reach.ts'

/**
 * Throws 403 when the personal access token that somebody acts by is bound to another credential or to other paths. Asked
 * before anything is looked up, so that the answer tells nothing of what there is. Sessions are not bound.
 */
export function assertTokenReaches({ token }: Actor, reach: Reach): void {
  if (token !== undefined && !tokenReaches(token, reach)) throw outOfScope(undefined)
}
