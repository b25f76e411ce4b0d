import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ClientAddresses } from './client-address.ts'
import {
  allowReading,
  isLoopbackHost,
  isWriting,
  refuseForeignPage,
  type SiteOrigins,
} from './cross-origin.ts'
import type { RefusedForm } from './form-text.ts'
import { httpErrors, validationFailed } from './http-errors.ts'
import { pathText } from './json-body.ts'
import { refusalOf } from './query-string.ts'
import type { Headers } from './security-headers.ts'

/** Whose requests the server answers, and with which headers. */
export interface RequestGuardOptions {
  readonly addresses: ClientAddresses
  readonly origins: SiteOrigins
  /** The `Host` values we answer to, in lower case; loopback hosts always count. */
  readonly hosts: ReadonlySet<string>
  readonly headers: Headers
  readonly isDraining: () => boolean
}

/** What every request passes before anything else looks at it; throws the 4xx of one that may not go on. */
export type RequestGuard = (request: FastifyRequest, reply: FastifyReply) => void

/** The rules for every request: who sent it, to whom, and whether the request line means one thing only (C11, C22, C43). */
export function createRequestGuard(options: RequestGuardOptions): RequestGuard {
  const { addresses, origins, hosts, headers, isDraining } = options
  return (request, reply) => {
    const clientAddress = addresses.of(request.raw)
    request.call = { clientAddress, route: '(none)', actor: undefined, claim: undefined }
    reply.headers(headers)
    reply.header('x-request-id', request.id)
    allowReading(request, reply, origins)
    const url = request.raw.url ?? ''
    const isProbe = url.startsWith('/health/')
    if (isDraining() && !isProbe) throw httpErrors.unavailable({}, { headers: { connection: 'close' } })
    refuseAmbiguousTarget(request.method, url)
    if (!isProbe) refuseUnknownHost(request, hosts)
    const refusal = refusalOf(request.query)
    if (refusal !== undefined) refuseQuery(refusal)
    if (isWriting(request.method)) refuseForeignPage(request, origins)
  }
}

const suspicious = /[%.\\]/
const ambiguities: readonly (readonly [RegExp, string])[] = [
  [/\/(?:\.|%2e){1,2}(?:\/|$)/i, 'dot segments'],
  [/%2e/i, 'encoded dots'],
  [/%2f/i, 'encoded slashes'],
  [/\\|%5c/i, 'backslashes'],
  [/%00/, 'an encoded NUL'],
]

/**
 * Refuses request targets that another program might resolve to another path (RFC 3986, section 5.2.4). The asterisk is
 * for OPTIONS alone (RFC 9112, section 3.2.4).
 */
function refuseAmbiguousTarget(method: string, url: string): void {
  if (!url.startsWith('/')) {
    if (url === '*' && method === 'OPTIONS') return
    throw httpErrors.badRequest({ reason: 'its target must be a path' })
  }
  if (url.includes('#')) throw httpErrors.badRequest({ reason: 'its target has a fragment' }) // RFC 9112, section 3.2
  const question = url.indexOf('?')
  const path = question === -1 ? url : url.slice(0, question)
  if (!suspicious.test(path)) return
  const found = ambiguities.find(([pattern]) => pattern.test(path))
  if (found !== undefined) throw httpErrors.badRequest({ reason: `its path has ${found[1]}` })
}

function refuseUnknownHost(request: FastifyRequest, hosts: ReadonlySet<string>): void {
  const { host } = request.headers
  if (host === undefined) throw httpErrors.badRequest({ reason: 'it has no Host header' })
  if (countHosts(request.raw.rawHeaders) > 1)
    throw httpErrors.badRequest({ reason: 'it has two Host headers' })
  if (hosts.has(host) || hosts.has(host.toLowerCase()) || isLoopbackHost(host)) return
  throw httpErrors.misdirectedRequest()
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]
    if (name?.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

function refuseQuery(refusal: RefusedForm): never {
  if (refusal.malformed) throw httpErrors.badRequest({ reason: 'its query is not properly percent-encoded' })
  const path = pathText('query', refusal.field === '' ? [] : [refusal.field])
  throw validationFailed([{ path, message: refusal.reason }])
}
