import type { FastifyRequest } from 'fastify'
import type { AppError } from '../errors.ts'
import type { Actor } from './actor.ts'
import { refuseForgedRequest, type SiteOrigins } from './cross-origin.ts'

/** What a request offers as proof of who sent it. */
export interface Credential {
  readonly kind: 'bearer' | 'cookie'
  readonly token: string
}

/** Facts about the request that an authenticator may bind a token to or record. */
export interface CredentialContext {
  readonly requestId: string
  readonly clientAddress: string
  /** The route guards something that a revoked session must not reach even once: trust nothing that was remembered. */
  readonly mustBeCurrent: boolean
}

/**
 * Turns a credential into its actor, with the account's status as it is now. `undefined` for a token that is not
 * valid, whatever the reason; an `AppError` when the answer is another one. Answer without a promise when the result
 * is at hand: it saves time on every request. A throw refuses the request.
 */
export type Authenticator = (
  credential: Credential,
  context: CredentialContext,
) => Actor | AppError | undefined | Promise<Actor | AppError | undefined>

/** Where a route looks for a credential beside the Authorization header. */
export interface CredentialPlaces {
  readonly sessionCookie: string | undefined
  /** Headers, in lower case, that may carry a bearer token without the word; none by default. */
  readonly tokenHeaders?: readonly string[]
}

/**
 * `malformed` when there is an Authorization header that carries no bearer token (RFC 6750, section 2.1), or one of the
 * route's token headers with something that is none. Authorization comes first.
 */
export function credentialOf(
  request: FastifyRequest,
  { sessionCookie, tokenHeaders = [] }: CredentialPlaces,
): Credential | 'malformed' | undefined {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) {
    const token = bearerToken(authorization)
    return token === undefined ? 'malformed' : { kind: 'bearer', token }
  }
  for (const name of tokenHeaders) {
    const value = request.headers[name]
    if (value === undefined) continue
    const token = typeof value === 'string' ? bearerToken(`Bearer ${value}`) : undefined
    return token === undefined ? 'malformed' : { kind: 'bearer', token }
  }
  if (cookie === undefined || sessionCookie === undefined) return undefined
  const token = cookieValue(cookie, sessionCookie)
  return token === undefined ? undefined : { kind: 'cookie', token }
}

/** Throws 403 when a cookie could have been sent by a page of another site (C38); bearer tokens cannot be. */
export function refuseForgedCookie(
  request: FastifyRequest,
  credential: Credential | undefined,
  origins: SiteOrigins,
): void {
  if (credential?.kind === 'cookie') refuseForgedRequest(request, origins)
}

const MAX_TOKEN = 4_096 // C26: a longer one is never ours

function bearerToken(header: string): string | undefined {
  if (header.length > MAX_TOKEN + 7 || !/^bearer /i.test(header.slice(0, 7))) return undefined
  const token = header.slice(7)
  return /^[A-Za-z0-9\-._~+/]+=*$/.test(token) ? token : undefined
}

/** The value of the only cookie of that name; two of them are as good as none. RFC 6265, section 4.2. */
export function cookieValue(header: string, name: string): string | undefined {
  let found: string | undefined
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue
    if (found !== undefined) return undefined
    found = pair.slice(equals + 1).trim()
  }
  return found !== undefined && found !== '' && found.length <= MAX_TOKEN ? found : undefined
}
