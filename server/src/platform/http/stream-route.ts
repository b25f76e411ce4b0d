import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { ParamsOf, StreamEndpoint } from '@outcry/contract/endpoint'
import type { AppError } from '../errors.ts'
import type { Access, ActorFor } from './access.ts'
import type { Actor } from './actor.ts'
import type { Limit, RequestFacts } from './route.ts'

/** A request as it came, its params checked and everything else left to the handler. */
export interface StreamCall<E extends StreamEndpoint, A extends Access> {
  readonly actor: ActorFor<A>
  readonly params: ParamsOf<E>
  /** `GET`, `HEAD`, … */
  readonly method: string
  /** What stands for the star, byte for byte, from its slash on. */
  readonly path: string
  /** The query byte for byte with its question mark, or empty. */
  readonly query: string
  /** All that came. From outside: hand on only what is known to be harmless. */
  readonly headers: IncomingHttpHeaders
  /**
   * The body as it arrives, when there is one. Fails when the client goes away before its end, and when it grows beyond
   * the limit, which the client is told by a 413 whatever the handler makes of it.
   */
  readonly body: Readable | undefined
  readonly request: RequestFacts
}

/** The other end's answer. A body that is still coming is destroyed when the client goes away. */
export interface StreamAnswer {
  readonly status: number
  /** Names in lower case; they win over those that every answer has, such as `x-request-id`. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: Readable | Buffer
}

/** How a stream is served; `access`, `limit` and `scopeFor` have no default. */
export interface StreamRouteOptions<E extends StreamEndpoint, A extends Access, Services> {
  readonly access: A
  readonly limit: Limit
  /** The scope that a personal access token needs for a request of this method. */
  scopeFor(method: string): string
  /** Largest body in bytes; 1 MiB by default. */
  readonly bodyLimit?: number
  /**
   * Headers, in lower case, that may carry the token in place of Authorization: for programs that only know how to send
   * the other end's own. Cookies are never looked at.
   */
  readonly tokenHeaders?: readonly string[]
  /** The error of a thing that is not there, so that a malformed id gets the same answer; `http.not_found` if absent. */
  readonly notFound?: () => AppError
  handle(call: StreamCall<E, A>, services: Services): Promise<StreamAnswer>
}

/** A call whose types were checked where its route was defined. */
export interface AnyStreamCall {
  readonly actor: Actor | undefined
  readonly params: unknown
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readable | undefined
  readonly request: RequestFacts
}

/** A stream with its services, and the name its contract gives it. */
export interface BoundStreamRoute {
  readonly name: string
  readonly endpoint: StreamEndpoint
  readonly access: Access
  readonly limit: Limit
  scopeFor(method: string): string
  readonly bodyLimit: number
  readonly tokenHeaders: readonly string[]
  readonly notFound: (() => AppError) | undefined
  readonly run: (call: AnyStreamCall) => Promise<StreamAnswer>
}

/** Body limit of a stream that names none. */
export const defaultStreamLimit = 1_024 * 1_024

/**
 * Serves everything under one path without reading it: admitted like every route, then handed to `handle` as it comes.
 * `name` is that of the contract; the operation ids are made from it.
 */
export function bindStreamRoute<const E extends StreamEndpoint, const A extends Access, Services>(
  { name, endpoint, services }: { readonly name: string; readonly endpoint: E; readonly services: Services },
  options: StreamRouteOptions<E, A, NoInfer<Services>>,
): BoundStreamRoute {
  const { access, limit, bodyLimit = defaultStreamLimit, tokenHeaders = [], notFound } = options
  return {
    name,
    endpoint,
    access,
    limit,
    scopeFor: (method) => options.scopeFor(method),
    bodyLimit,
    tokenHeaders,
    notFound,
    run: (call) => options.handle(call as StreamCall<E, A>, services),
  }
}
