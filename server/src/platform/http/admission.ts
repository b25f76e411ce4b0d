import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { ClockGuard } from '../clock-guard.ts'
import { AppError } from '../errors.ts'
import { assertAccess, assertScope } from './access.ts'
import type { Actor } from './actor.ts'
import { type Authenticator, credentialOf, refuseForgedCookie } from './authentication.ts'
import type { SiteOrigins } from './cross-origin.ts'
import { httpErrors, unauthenticated } from './http-errors.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Route } from './route.ts'

/** That somebody whose credential is good asked for what they may not do. */
export interface Refusal {
  readonly actor: Actor
  /** Method and pattern of the path: `PUT /api/v1/users/{id}`. */
  readonly route: string
  /** The code of the 403 they get. */
  readonly code: string
  readonly address: string
  readonly requestId: string
}

/** Hears of a refusal before it is answered. When it fails, that is the answer. */
export type OnRefused = (refusal: Refusal) => Promise<void>

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

/**
 * The onRequest hook of one route, run before its body is read: content type, clock, limits, sign-in, access. The order
 * matters: what is counted by address comes before the credential is looked at, what is counted by account after.
 */
export function createAdmission(route: Route<never>, pattern: string, options: AdmissionOptions) {
  const { limits } = options
  const rules = route.limit === 'default' ? [] : [route.limit].flat()
  const byAddress = rules.filter((rule) => rule.per === 'address')
  const byAccount = rules.filter((rule) => rule.per === 'account')
  const expected = expectedType(route)

  const admitKnown = (request: FastifyRequest, reply: FastifyReply, actor: Actor | undefined) => {
    request.call.actor = actor
    const total = actor === undefined ? limits.anonymousTotal : limits.accountTotal
    const taken = limits.take(request, reply, byAccount.length === 0 ? [total] : [total, ...byAccount])
    const check = (): void | Promise<void> => {
      if (route.access === 'anyone') return
      try {
        assertAccess(actor, route.access, { now: options.clock.now(), roles: options.roles })
        assertScope(actor, route.scope)
      } catch (error) {
        return refuse(request, error)
      }
    }
    return taken === undefined ? check() : taken.then(check)
  }

  const refuse = (request: FastifyRequest, error: unknown): Promise<void> => {
    const { actor, clientAddress: address } = request.call
    const isHeard = actor !== undefined && error instanceof AppError && error.status === 403
    if (!isHeard || options.onRefused === undefined) throw error
    const method = route.endpoint.method
    const refusal = { actor, route: `${method} ${pattern}`, code: error.code, address, requestId: request.id }
    return options.onRefused(refusal).then(() => {
      throw error
    })
  }

  const admit = (request: FastifyRequest, reply: FastifyReply): void | Promise<void> => {
    const found = authenticateCaller(request, route, options)
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
    if (expected !== undefined) refuseOtherType(request, expected)
    refuseWrongClock(request, route, options)
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
function refuseWrongClock(
  request: FastifyRequest,
  { endpoint }: Route<never>,
  { clockGuard, sessionCookie }: AdmissionOptions,
): void {
  if (clockGuard === undefined || clockGuard.isRight()) return
  if (endpoint.method === 'GET' && credentialOf(request, sessionCookie) === undefined) return
  throw httpErrors.clockBehind({}, { headers: { 'retry-after': '60' } })
}

type Found = Actor | AppError | undefined

function authenticateCaller(
  request: FastifyRequest,
  route: Route<never>,
  { authenticate, sessionCookie, origins }: AdmissionOptions,
): Found | Promise<Found> {
  if (route.access === 'anyone') return undefined
  const credential = credentialOf(request, sessionCookie)
  if (credential === undefined) return undefined
  if (credential === 'malformed') return unauthenticated()
  refuseForgedCookie(request, credential, origins)
  const found = authenticate(credential, {
    requestId: request.id,
    clientAddress: request.call.clientAddress,
    mustBeCurrent: route.access === 'fresh' || typeof route.access === 'object',
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
