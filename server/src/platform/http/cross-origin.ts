import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { httpErrors } from './http-errors.ts'
import type { Headers } from './security-headers.ts'

/** The origins whose pages may use this server. */
export interface SiteOrigins {
  /** Its own: scheme, host and port of the public address. */
  readonly own: string
  /** Others whose pages may call the API with a bearer token (CORS), as browsers send them; usually none. */
  readonly allowed: ReadonlySet<string>
}

const writing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/** Whether a request may change something, by its method (RFC 9110, section 9.2.1). */
export function isWriting(method: string): boolean {
  return writing.has(method)
}

/** Whether pages of `origin` are our own: of the public address, or of the loopback address this request came in by. */
function isOwnOrigin(origin: string, { own }: SiteOrigins, host: string | undefined): boolean {
  if (origin === own) return true
  return host !== undefined && isLoopbackHost(host) && origin === `http://${host}`
}

/** `localhost`, `127.0.0.1` or `[::1]`, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(host)
}

/**
 * Refuses a write that a page of another site started, whatever it carries: it protects sign-in and refresh, which
 * have no credential yet (C38). A listed page's write needs an Authorization header, which no browser sends by itself.
 * Programs send neither Origin nor Sec-Fetch-Site and pass.
 */
export function refuseForeignPage(request: FastifyRequest, origins: SiteOrigins): void {
  const { origin, host, authorization } = request.headers
  if (origin !== undefined) {
    if (isOwnOrigin(origin, origins, host)) return
    if (authorization !== undefined && origins.allowed.has(origin)) return
    throw httpErrors.crossSiteRefused()
  }
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw httpErrors.crossSiteRefused()
}

/** Refuses a listed page's write where no credential is looked at, such as sign-in: the header that it needs may say anything. */
export function refuseListedPage({ headers: { origin, host } }: FastifyRequest, origins: SiteOrigins): void {
  if (origin !== undefined && !isOwnOrigin(origin, origins, host)) throw httpErrors.crossSiteRefused()
}

/**
 * The stricter rule for a write that carries a cookie (C38): JSON exactly, our own Origin, and Sec-Fetch-Site same-origin
 * where the browser sends it. Throws 403, or 415 for another content type.
 */
export function refuseForgedRequest(request: FastifyRequest, origins: SiteOrigins): void {
  if (!isWriting(request.method)) return
  refuseStrangePage(request, origins)
  const type = request.headers['content-type']
  if (type !== 'application/json') throw httpErrors.unsupportedMediaType({ expected: 'application/json' })
}

/** Refuses, with 403, whatever does not say that a page of our own sent it, and to its own site; a listed one is none. */
export function refuseStrangePage(request: FastifyRequest, origins: SiteOrigins): void {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  if (origin === undefined || !isOwnOrigin(origin, origins, host)) throw httpErrors.crossSiteRefused()
  if (site !== undefined && site !== 'same-origin') throw httpErrors.crossSiteRefused()
}

const exposedHeaders =
  'x-request-id, retry-after, ratelimit-limit, ratelimit-remaining, ratelimit-reset, etag'

/**
 * What lets a listed origin's page read an answer of the API (C39): the exact origin, never a wildcard. An answer to a
 * request with cookies is not read, because Access-Control-Allow-Credentials is never there (WHATWG Fetch, CORS check).
 */
export function readingHeaders({ url, headers }: IncomingMessage, { allowed }: SiteOrigins): Headers {
  if (allowed.size === 0 || url?.startsWith('/api/') !== true) return {}
  const { origin } = headers
  if (origin === undefined || !allowed.has(origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposedHeaders,
  }
}

/** Adds what lets a listed origin's page read the answer. */
export function allowReading(request: FastifyRequest, reply: FastifyReply, origins: SiteOrigins): void {
  if (origins.allowed.size > 0) reply.headers(readingHeaders(request.raw, origins))
}

/** Answers OPTIONS: the methods of the path, and to a listed origin's preflight what it may send. */
export function answerOptions(
  request: FastifyRequest,
  reply: FastifyReply,
  { origins, methods }: { origins: SiteOrigins; methods: readonly string[] },
): FastifyReply {
  const list = methods.join(', ')
  reply.code(204).header('allow', list)
  const { origin } = request.headers
  if (origin !== undefined && origins.allowed.has(origin)) {
    reply.header('access-control-allow-methods', list)
    reply.header('access-control-allow-headers', 'authorization, content-type, idempotency-key, if-match')
    reply.header('access-control-max-age', '600')
  }
  return reply.send()
}
