import type { IncomingMessage } from 'node:http'
import { apiBase } from '@outcry/contract/endpoint'
import type { BoundRoute } from '../route.ts'
import type { BoundStreamRoute } from '../stream-route.ts'

/** The path of a request as it came, without its query. */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const question = url.indexOf('?')
  return question === -1 ? url : url.slice(0, question)
}

/** A listed page's question before a request of a member (WHATWG Fetch, CORS-preflight), which brings no credential. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

/** What requests are ranked by. */
export interface RankOptions {
  readonly routes: readonly BoundRoute[]
  readonly streamRoutes?: readonly BoundStreamRoute[] | undefined
  readonly sessionCookie?: string | undefined
}

/**
 * Who goes first when not all can be served (R11): whoever shows a credential, or goes on with a session. Sign-in,
 * registration and visitors come last, whatever headers they send. Only looks; whether a credential is good shows later.
 */
export function createRanking(options: RankOptions): (request: IncomingMessage) => boolean {
  const { routes, streamRoutes = [], sessionCookie } = options
  const open = routes.filter(({ route }) => route.access === 'anyone')
  const linesOf = (some: readonly BoundRoute[]) =>
    new Set(some.map(({ route: { endpoint } }) => `${endpoint.method} ${apiBase}${endpoint.path}`))
  const first = linesOf(open.filter(({ route }) => route.keepsSession))
  const last = linesOf(open.filter(({ route }) => !route.keepsSession))
  const tokenHeaders = [...new Set(streamRoutes.flatMap((route) => route.tokenHeaders))]
  return (request) => {
    const path = pathOf(request)
    const line = `${request.method} ${path}`
    // Note: the router decodes what is written with a percent sign, so that it may be any of these paths.
    if (last.has(line) || path.includes('%')) return false
    if (first.has(line) || isPreflight(request)) return true
    const { authorization, cookie } = request.headers
    if (authorization !== undefined) return true
    if (sessionCookie !== undefined && cookie?.includes(`${sessionCookie}=`)) return true
    return tokenHeaders.some((name) => request.headers[name] !== undefined)
  }
}
