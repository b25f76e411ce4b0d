import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Clock } from '../clock.ts'
import type { ClockGuard } from '../clock-guard.ts'
import type { Logger } from '../log/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Authenticator } from './authentication.ts'
import { type ClientAddresses, createClientAddresses } from './client-address.ts'
import { answerConnectionErrors } from './connection-errors.ts'
import type { SiteOrigins } from './cross-origin.ts'
import { addDocs, type DocsOptions } from './docs.ts'
import { createErrorHandler, type ErrorTranslator } from './error-answers.ts'
import type { BoundEventRoute } from './event-route.ts'
import { type EventStreamOptions, EventStreams } from './event-streams.ts'
import { type AnswerUnknown, addFallback } from './fallback.ts'
import { parseFormBody } from './form-body.ts'
import type { IdempotencyStore } from './idempotency.ts'
import { parseJsonBody } from './json-body.ts'
import { type ConnectionLimits, createListener } from './listener.ts'
import { type OverloadOptions, withoutOverload } from './overload/overload.ts'
import { createRanking } from './overload/request-rank.ts'
import { addProbes, type ReadinessCheck } from './probes.ts'
import { parseQueryString } from './query-string.ts'
import { type RateLimitOptions, RateLimits } from './rate-limits.ts'
import type { OnRefused } from './refusals.ts'
import { registerEventRoute } from './register-event-route.ts'
import { registerRoute } from './register-route.ts'
import { registerStreamRoute } from './register-stream-route.ts'
import { createRequestGuard } from './request-guard.ts'
import { addRequestLog } from './request-log.ts'
import type { BoundRoute } from './route.ts'
import { apiSecurityHeaders, type Headers } from './security-headers.ts'
import { compileSerializer } from './serializer.ts'
import { stopGracefully } from './stop.ts'
import type { BoundStreamRoute } from './stream-route.ts'

/** Of a path, which never is longer: an id that is too long is no other case than any that is wrong. */
const PARAM_MAX = 16 * 1_024

/** What a server is built from. */
export interface HttpServerOptions {
  /** Where people reach the server; its origin and host are the ones it answers to, beside loopback. */
  readonly publicUrl: string
  readonly routes: readonly BoundRoute[]
  /** What is handed on instead of answered here; none by default. */
  readonly streamRoutes?: readonly BoundStreamRoute[]
  /** Streams of events; none by default. */
  readonly eventRoutes?: readonly BoundEventRoute[]
  readonly eventStreams?: EventStreamOptions
  readonly authenticate: Authenticator
  /** The roles there are, from the lowest to the highest. */
  readonly roles: readonly string[]
  readonly onRefused?: OnRefused
  readonly clock: Clock
  /** Without one, the clock is always trusted. */
  readonly clockGuard?: ClockGuard
  readonly log: Logger
  readonly metrics?: Metrics
  /** Lets `/metrics` be read from elsewhere than loopback. */
  readonly metricsToken?: string
  /** The cookie that carries a browser's session, when there is one. */
  readonly sessionCookie?: string
  /** Further values of `Host` to answer to, with their port if any. */
  readonly extraHosts?: readonly string[]
  /** Other origins whose pages may call the API with a bearer token (CORS); none by default. */
  readonly allowedOrigins?: readonly string[]
  /** Addresses and CIDR ranges whose forwarding headers and request ids count. */
  readonly trustedProxies?: readonly string[]
  readonly rateLimits?: RateLimitOptions
  readonly connections?: ConnectionLimits
  readonly overload?: OverloadOptions
  readonly idempotency?: IdempotencyStore
  readonly translateError?: ErrorTranslator
  readonly readiness?: readonly ReadinessCheck[]
  readonly docs: DocsOptions
  /** Adds what is not in a contract, such as the web app's files. Such routes have no rate limit and no sign-in. */
  readonly extend?: (fastify: FastifyInstance) => void
  /** Answers what no route takes where that is better than a problem, such as a page for a browser; counted like a problem. */
  readonly answerUnknown?: AnswerUnknown
}

/** A server, listening or not yet. */
export interface HttpServer {
  /** Starts listening and resolves to the address, `http://127.0.0.1:4000`. Port 0 takes a free one. */
  listen(where: { readonly host: string; readonly port: number }): Promise<string>
  /**
   * Stops: readiness turns 503, `noticeMs` later (default 0) no new connection is taken, requests that run may finish
   * for `drainMs` (default 30 s), then the rest is cut off. Streams of events end when the draining begins. Safe to call
   * twice.
   */
  stop(options?: { readonly noticeMs?: number; readonly drainMs?: number }): Promise<void>
  /** The limits it counts with, for counting by other keys than address and account. */
  readonly limits: RateLimits
}

/** Body limit where a route names none (C41). */
export const defaultBodyLimit = 100 * 1_024
/** Body limit for sign-in and its like (C41); routes name it. */
export const authBodyLimit = 16 * 1_024

/**
 * Builds the server; nothing listens yet. Throws when a route does not fit its contract, a role is unknown, or a trusted
 * proxy is not an address. Schemas and the documents are compiled when they are first needed.
 */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const publicUrl = new URL(options.publicUrl)
  const addresses = createClientAddresses(options.trustedProxies ?? [])
  const limits = new RateLimits(options.rateLimits)
  const origins: SiteOrigins = { own: publicUrl.origin, allowed: new Set(options.allowedOrigins) }
  const state = { isDraining: false }
  const isDraining = () => state.isDraining
  const headers = apiSecurityHeaders({ isHttps: publicUrl.protocol === 'https:' })
  const fastify = createFastify(options, { addresses, origins, headers })
  answerConnectionErrors(fastify.server, headers)

  const hosts = new Set([publicUrl.host, ...(options.extraHosts ?? [])].map((host) => host.toLowerCase()))
  const guard = createRequestGuard({ addresses, origins, hosts, headers, isDraining })
  fastify.setSerializerCompiler(compileSerializer)
  fastify.decorateRequest('call')
  fastify.addHook('onRequest', (request, reply, done) => {
    guard(request, reply)
    done()
  })
  addRequestLog(fastify, options)
  setBodyParsers(fastify)
  fastify.setErrorHandler(createErrorHandler({ log: options.log, translate: options.translateError }))
  addFallback(fastify, { origins, limits, answerUnknown: options.answerUnknown })
  const { metrics, metricsToken, readiness = [] } = options
  addProbes(fastify, { checks: readiness, isDraining, log: options.log, metrics, metricsToken })
  addRoutes(fastify, options, { limits, origins })
  addDocs(fastify, options, {
    ...options.docs,
    sessionCookie: options.sessionCookie,
    isHttps: publicUrl.protocol === 'https:',
  })
  options.extend?.(fastify)
  await fastify.ready()
  return {
    limits,
    listen: async (where) => {
      await fastify.listen(where)
      const { address, family, port } = fastify.server.address() as AddressInfo
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
    },
    stop: (stopOptions) => stopGracefully(fastify, state, stopOptions),
  }
}

interface Doorstep {
  readonly addresses: ClientAddresses
  readonly origins: SiteOrigins
  readonly headers: Headers
}

function createFastify(options: HttpServerOptions, doorstep: Doorstep): FastifyInstance {
  const { addresses, headers } = doorstep
  const idOf = (request: IncomingMessage) =>
    requestIdOf(addresses.isTrustedPeer(request) ? request.headers['x-request-id'] : undefined)
  const isExempt = (address: string) => addresses.isTrusted(address)
  const onFrameworkError = createErrorHandler({ log: options.log, translate: undefined })
  const settings: FastifyServerOptions = {
    logger: false,
    serverFactory: (handler) => {
      const guarded = withoutOverload(handler, { ...overloadParts(options), ...doorstep, idOf })
      return createListener(options.connections ?? {}, isExempt, guarded)
    },
    clientErrorHandler: () => {}, // answerConnectionErrors does it, with the server's own headers
    bodyLimit: defaultBodyLimit,
    exposeHeadRoutes: false, // routes register HEAD beside GET, which compiles their schemas once
    return503OnClosing: false, // the request guard answers, as a problem
    genReqId: idOf,
    frameworkErrors: (error, request, reply) => {
      reply.headers(headers).header('x-request-id', request.id)
      onFrameworkError(error, request, reply)
    },
    routerOptions: {
      querystringParser: parseQueryString,
      caseSensitive: true,
      maxParamLength: PARAM_MAX,
    },
  }
  return Fastify(settings)
}

function overloadParts({ overload, log, metrics, ...ranked }: HttpServerOptions) {
  return {
    ...overload,
    isFirst: createRanking(ranked),
    log,
    metrics,
  }
}

function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID()
}

function setBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers()
  const parsers = { 'application/json': parseJsonBody, 'application/x-www-form-urlencoded': parseFormBody }
  for (const [type, parse] of Object.entries(parsers)) {
    fastify.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
      try {
        done(null, bytes.length === 0 ? undefined : parse(bytes))
      } catch (error) {
        done(error as Error)
      }
    })
  }
}

function addRoutes(
  fastify: FastifyInstance,
  options: HttpServerOptions,
  { limits, origins }: { limits: RateLimits; origins: SiteOrigins },
): void {
  const { authenticate, sessionCookie, roles, clock, clockGuard, idempotency, onRefused } = options
  const admission = { authenticate, sessionCookie, origins, roles, clock, clockGuard, limits, onRefused }
  const shared = { ...admission, idempotency }
  for (const bound of options.routes) {
    const { access, endpoint } = bound.route
    if (typeof access === 'object' && !roles.includes(access.role)) {
      throw new Error(`${endpoint.method} ${endpoint.path} asks for the unknown role ${access.role}.`)
    }
    registerRoute(fastify, bound, shared)
  }
  for (const bound of options.streamRoutes ?? []) registerStreamRoute(fastify, bound, admission)
  const streams = new EventStreams(options.eventStreams)
  fastify.addHook('preClose', async () => streams.stop())
  for (const bound of options.eventRoutes ?? []) registerEventRoute(fastify, bound, { ...admission, streams })
}
