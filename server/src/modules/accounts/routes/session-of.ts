import type { Actor } from '../../../platform/http/actor.ts'
import { unauthenticated } from '../../../platform/http/http-errors.ts'
import type { SessionOf } from '../sessions/signed-in-users.ts'

/** The session that somebody acts in. Throws the 401 for a credential that is none; routes without a scope let none in. */
export function sessionOf({ id: userId, sessionId }: Actor): SessionOf {
  if (sessionId === undefined) throw unauthenticated()
  return { userId, sessionId }
}
