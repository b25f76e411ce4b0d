import type { IncomingMessage } from 'node:http'
import { apiBase } from '@outcry/contract/endpoint'
import type { BoundRoute } from '../route.ts'
import type { BoundStreamRoute } from '../stream-route.ts'

/** The path of a request as it came, without its query. */
export function pathOf({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const question = url.indexOf('?')
  return question === -1 ? url : url.slice(0, question)
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
    const line = `${request.method} ${pathOf(request)}`
    if (last.has(line)) return false
    if (first.has(line)) return true
    const { authorization, cookie } = request.headers
    if (authorization !== undefined) return true
    if (sessionCookie !== undefined && cookie?.includes(`${sessionCookie}=`)) return true
    return tokenHeaders.some((name) => request.headers[name] !== undefined)
  }
}
