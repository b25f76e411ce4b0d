import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { ClockGuard } from '../clock-guard.ts'
import { AppError } from '../errors.ts'
import { type Access, assertAccess, assertScope, mayAskForProof } from './access.ts'
import type { Actor } from './actor.ts'
import {
  type Authenticator,
  type CredentialPlaces,
  credentialOf,
  refuseForgedCookie,
} from './authentication.ts'
import { isWriting, refuseListedPage, type SiteOrigins } from './cross-origin.ts'
import { httpErrors, unauthenticated } from './http-errors.ts'
import type { RateLimits } from './rate-limits.ts'
import { createHearing, type OnRefused } from './refusals.ts'
import type { Limit, Route } from './route.ts'

/** What a request is let in by. */
export interface AdmissionOptions {
  readonly authenticate: Authenticator
  readonly sessionCookie: string | undefined
  readonly origins: SiteOrigins
  readonly roles: readonly string[]
  readonly clock: Clock
  readonly clockGuard: ClockGuard | undefined
  readonly limits: RateLimits
  readonly onRefused: OnRefused | undefined
}

/** What a route is admitted by. */
export interface AdmissionRule {
  readonly access: Access
  readonly limit: Limit
  /** The scope that a token needs for a request of this method; without one, only sessions may. */
  scopeFor(method: string): string | undefined
  /** The media type that a body must have; absent where any will do. */
  readonly expectedType?: string
  /** See `CredentialPlaces`. */
  readonly tokenHeaders?: readonly string[]
}

/** The rule of an ordinary route. */
export function admissionRule(route: Route<never>): AdmissionRule {
  const { access, limit, scope } = route
  const type = expectedType(route)
  return { access, limit, scopeFor: () => scope, ...(type === undefined ? {} : { expectedType: type }) }
}

/**
 * The onRequest hook of one route, run before its body is read: content type, clock, limits, sign-in, access. The order
 * matters: what is counted by address comes before the credential is looked at, what is counted by account after. A route's
 * own limit of an account counts whom it lets in: a browser asks once to hear that it wants a proof, and then once more.
 */
export function createAdmission(rule: AdmissionRule, pattern: string, options: AdmissionOptions) {
  const { limits } = options
  const rules = rule.limit === 'default' ? [] : [rule.limit].flat()
  const byAddress = rules.filter(({ per }) => per === 'address')
  const byAccount = rules.filter(({ per }) => per === 'account')
  const hear = createHearing(pattern, options.onRefused)
  const refuse = ({ call, method, id: requestId }: FastifyRequest, error: unknown): Promise<never> =>
    hear({ actor: call.actor, method, address: call.clientAddress, requestId }, error)

  const admitKnown = (request: FastifyRequest, reply: FastifyReply, actor: Actor | undefined) => {
    request.call.actor = actor
    const total = actor === undefined ? limits.anonymousTotal : limits.accountTotal
    const taken = limits.take(request, reply, [total])
    const countOwn = () => (byAccount.length === 0 ? undefined : limits.take(request, reply, byAccount))
    const check = (): void | Promise<void> => {
      if (rule.access === 'anyone') return countOwn()
      try {
        assertAccess(actor, rule.access, { now: options.clock.now(), roles: options.roles })
        assertScope(actor, rule.scopeFor(request.method))
      } catch (error) {
        return refuse(request, error)
      }
      return countOwn()
    }
    return taken === undefined ? check() : taken.then(check)
  }

  const admit = (request: FastifyRequest, reply: FastifyReply): void | Promise<void> => {
    const found = authenticateCaller(request, rule, options)
    if (found instanceof Promise) {
      return found.then((result) => afterSignIn(request, reply, result))
    }
    return afterSignIn(request, reply, found)
  }

  const afterSignIn = (request: FastifyRequest, reply: FastifyReply, found: Found): void | Promise<void> => {
    if (!(found instanceof AppError)) return admitKnown(request, reply, found)
    const refuse = () => {
      throw found
    }
    const taken = limits.take(request, reply, [limits.anonymousTotal])
    return taken === undefined ? refuse() : taken.then(refuse)
  }

  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void | Promise<void> => {
    request.call.route = pattern
    if (rule.expectedType !== undefined) refuseOtherType(request, rule.expectedType)
    refuseWrongClock(request, rule, options)
    const taken = byAddress.length === 0 ? undefined : limits.take(request, reply, byAddress)
    const admitted = taken === undefined ? admit(request, reply) : taken.then(() => admit(request, reply))
    if (admitted !== undefined) return admitted
    done()
  }
}

/**
 * Throws 503 while the clock is wrong for whatever depends on time: credentials, and all that changes something. What
 * everyone may read without one stays readable (R8).
 */
function refuseWrongClock(request: FastifyRequest, rule: AdmissionRule, options: AdmissionOptions): void {
  const { clockGuard } = options
  if (clockGuard === undefined || clockGuard.isRight()) return
  if (!isWriting(request.method) && credentialOf(request, placesOf(rule, options)) === undefined) return
  throw httpErrors.clockBehind({}, { headers: { 'retry-after': '60' } })
}

function placesOf({ tokenHeaders }: AdmissionRule, { sessionCookie }: AdmissionOptions): CredentialPlaces {
  return tokenHeaders === undefined ? { sessionCookie } : { sessionCookie: undefined, tokenHeaders }
}

type Found = Actor | AppError | undefined

function authenticateCaller(
  request: FastifyRequest,
  rule: AdmissionRule,
  options: AdmissionOptions,
): Found | Promise<Found> {
  const { authenticate, origins } = options
  if (rule.access === 'anyone') {
    if (isWriting(request.method)) refuseListedPage(request, origins)
    return undefined
  }
  const credential = credentialOf(request, placesOf(rule, options))
  if (credential === undefined) return undefined
  if (credential === 'malformed') return unauthenticated()
  refuseForgedCookie(request, credential, origins)
  const found = authenticate(credential, {
    requestId: request.id,
    clientAddress: request.call.clientAddress,
    mustBeCurrent: mayAskForProof(rule.access) || typeof rule.access === 'object',
  })
  if (found instanceof Promise) return found.then((result) => result ?? unauthenticated())
  return found ?? unauthenticated()
}

const jsonType = 'application/json'
const formType = 'application/x-www-form-urlencoded'

function expectedType({ endpoint }: Route<never>): string | undefined {
  if (endpoint.method === 'GET') return undefined
  return endpoint.bodyType === 'form' ? formType : jsonType
}

/** Refuses a body of another type or encoding before it is read (C42); requests without a body pass. */
function refuseOtherType(request: FastifyRequest, expected: string): void {
  const { headers } = request
  const type = headers['content-type']
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  if (type === undefined ? hasBody : !isType(type, expected))
    throw httpErrors.unsupportedMediaType({ expected })
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw httpErrors.unsupportedMediaType({ expected: `${expected}, not compressed` })
  }
}

function isType(header: string, expected: string): boolean {
  if (header === expected) return true
  const [type = '', ...parameters] = header.toLowerCase().split(';')
  return type.trim() === expected && parameters.every((each) => /^\s*charset="?utf-8"?\s*$/.test(each))
}
