import type { AppError } from '../errors.ts'
import type { Actor } from './actor.ts'
import { httpErrors, unauthenticated } from './http-errors.ts'

/** How long after proving a password, code or passkey a session counts as fresh (RFC 9470, `max_age`). */
export const freshForSeconds = 300

/**
 * Who may call a route.
 * - `anyone`: no credential is looked at.
 * - `optional`: with or without one; a credential that is sent must be valid.
 * - `signed-in`: an active account. `signed-in-or-pending`: also one that has not verified its address yet.
 * - `fresh`: an active account that proved a password, code or passkey in this session in the last five minutes.
 * - `fresh-where-due`: an active account; the handler asks for a newer proof where one is due.
 * - `token`: an active account by a personal access token, and by nothing else.
 * - `{ role }`: an active account of that role or a higher one, fresh too when it says so.
 */
export type Access =
  | 'anyone'
  | 'optional'
  | 'signed-in-or-pending'
  | 'signed-in'
  | 'fresh'
  | 'fresh-where-due'
  | 'token'
  | { readonly role: string; readonly fresh?: boolean }

/** The actor a route's handler gets: certain, perhaps, or never. */
export type ActorFor<A extends Access> = A extends 'anyone'
  ? undefined
  : A extends 'optional'
    ? Actor | undefined
    : Actor

/** What access depends on beside the actor. */
export interface AccessContext {
  readonly now: Date
  /** From the lowest to the highest. */
  readonly roles: readonly string[]
}

/** Whether a route may ask for a newer proof than the caller has. */
export const mayAskForProof = (access: Access): boolean =>
  access === 'fresh' || access === 'fresh-where-due' || (typeof access === 'object' && access.fresh === true)

/** Throws the 401 or 403 of an actor whom `access` does not let in. A rule it does not know lets nobody in. */
export function assertAccess(actor: Actor | undefined, access: Access, { now, roles }: AccessContext): void {
  if (access === 'anyone') return
  if (actor === undefined) {
    if (access === 'optional') return
    throw unauthenticated()
  }
  if (actor.status !== 'active') {
    if (!(access === 'signed-in-or-pending' && actor.status === 'pending_verification')) {
      throw httpErrors.accountNotActive({ status: actor.status })
    }
  }
  if (typeof access === 'object' && !outranks(actor.role, access.role, roles)) throw httpErrors.forbidden()
  if (access === 'token' && actor.token === undefined) throw httpErrors.tokenNeeded()
  const needsFresh = access === 'fresh' || (typeof access === 'object' && access.fresh === true)
  if (needsFresh && !isFresh(actor, now)) throw notFresh()
}

/**
 * Throws the 403 of a token that was not made for this route (RFC 6750, section 3.1). A route without a scope is for
 * sessions alone.
 */
export function assertScope(actor: Actor | undefined, scope: string | undefined): void {
  if (actor?.scopes === undefined || (scope !== undefined && actor.scopes.includes(scope))) return
  throw outOfScope(scope)
}

/** The 403 of a token that was not made for what it asks: of this scope, or bound to something else. */
export function outOfScope(scope: string | undefined): AppError {
  const challenge = `Bearer error="insufficient_scope"${scope === undefined ? '' : `, scope="${scope}"`}`
  return httpErrors.insufficientScope({}, { headers: { 'www-authenticate': challenge }, isHeard: true })
}

function outranks(role: string, least: string, roles: readonly string[]): boolean {
  const needed = roles.indexOf(least)
  return needed !== -1 && roles.indexOf(role) >= needed
}

/** Whether the actor proved who they are so lately, in seconds; a proof from the future counts for nothing. */
export function isFresh(
  { authenticatedAt }: Pick<Actor, 'authenticatedAt'>,
  now: Date,
  maxAge = freshForSeconds,
): boolean {
  if (authenticatedAt === undefined) return false
  const age = now.getTime() - authenticatedAt.getTime()
  return age >= 0 && age <= maxAge * 1_000
}

/** The 401 that asks for a proof that is at most so many seconds old (RFC 9470, section 3). */
export function notFresh(maxAge = freshForSeconds) {
  const challenge = `Bearer error="insufficient_user_authentication", error_description="A more recent sign-in is needed", max_age=${maxAge}`
  return httpErrors.insufficientUserAuthentication({}, { headers: { 'www-authenticate': challenge } })
}
