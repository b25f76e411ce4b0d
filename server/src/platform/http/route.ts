import type { Instant } from '@outcry/contract/conventions'
import type {
  BodyOf,
  Endpoint,
  HeadersOf,
  ParamsOf,
  QueryOf,
  ResponseOf,
  StatusOf,
} from '@outcry/contract/endpoint'
import type { AppError } from '../errors.ts'
import { type Access, type ActorFor, mayAskForProof } from './access.ts'
import type { Actor } from './actor.ts'
import type { RateLimitRule } from './rate-limit.ts'
import type { AnswerHeaders } from './security-headers.ts'

/** A route's own limits, counted before its body is read; the server's overall limits always count beside them. */
export type Limit = 'default' | RateLimitRule | readonly RateLimitRule[]

/** Facts about a request that are not part of its contract. */
export interface RequestFacts {
  readonly id: string
  /** The client's address, proxies seen through. */
  readonly clientAddress: string
  /** As sent, at most 512 characters; empty when absent. From outside: never trust it, always escape it. */
  readonly userAgent: string
  /** The value of a cookie that was sent once, and no longer than 4,096 characters. */
  cookie(name: string): string | undefined
  /** Whether a page in a browser sent it, as far as browsers say so themselves (Fetch Metadata, `Sec-Fetch-Site`). */
  readonly isFromBrowser: boolean
  /**
   * Throws unless a page of ours sent it: the rule for writes that carry a cookie (C38), for routes that put one into the
   * browser. 403 by its Origin and Sec-Fetch-Site, 415 where the route takes JSON and this is not exactly that.
   */
  refuseForged(): void
  /** Aborted when the client goes away before it has its answer. */
  readonly signal: AbortSignal
}

/** What a handler gets: the parts of the request its contract names, checked and typed. */
export interface RouteCall<E extends Endpoint, A extends Access> {
  readonly actor: ActorFor<A>
  readonly body: BodyOf<E>
  readonly query: QueryOf<E>
  readonly params: ParamsOf<E>
  readonly headers: HeadersOf<E>
  readonly request: RequestFacts
  /** On an `idempotent` route whose caller sent a key: names the claim, for storing it with the effect. */
  readonly idempotencyToken: string | undefined
}

/** A wire type as handlers give it: a `Date` wherever the wire has an instant. */
export type Outgoing<T> = T extends Instant
  ? Date | Instant
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Outgoing<Item>[]
      : T extends object
        ? { readonly [K in keyof T]: Outgoing<T[K]> }
        : T

type AnswerOf<E extends Endpoint, S extends StatusOf<E>> =
  S extends StatusOf<E>
    ? { readonly status: S; readonly body: Outgoing<ResponseOf<E, S>>; readonly headers?: AnswerHeaders }
    : never

type IsUnion<T, Whole = T> = T extends Whole ? ([Whole] extends [T] ? false : true) : never

/** The body when the contract has one success status; `{status, body, headers}` when it has several. */
export type HandlerResult<E extends Endpoint> =
  IsUnion<StatusOf<E>> extends true
    ? AnswerOf<E, StatusOf<E>>
    : Outgoing<ResponseOf<E>> | WithHeaders<Outgoing<ResponseOf<E>>>

/** The body of the one success status together with headers. */
export class WithHeaders<Body> {
  readonly body: Body
  readonly headers: AnswerHeaders

  constructor(body: Body, headers: AnswerHeaders) {
    this.body = body
    this.headers = headers
  }
}

/** Answers `body` with extra headers, for a handler whose contract has one success status. */
export function withHeaders<Body>(body: Body, headers: AnswerHeaders): WithHeaders<Body> {
  return new WithHeaders(body, headers)
}

/** How an endpoint is served; `access` and `limit` have no default. */
export interface RouteOptions<E extends Endpoint, A extends Access, Services, Result> {
  readonly access: A
  readonly limit: Limit
  /** Further limits for the document: those that the handler counts by itself, where the door cannot know what is asked. */
  readonly countedByHandler?: readonly RateLimitRule[]
  /** The scope that lets a personal access token call; without one, only sessions may. */
  readonly scope?: string
  /** Largest body in bytes; the server's default is 100 KiB. */
  readonly bodyLimit?: number
  /** Goes on with a session though no credential is looked at, and so before any sign-in when the server is overloaded (R11). */
  readonly keepsSession?: true
  /** Takes `Idempotency-Key` (C73); `required` refuses requests without one. Only for routes that need a sign-in. */
  readonly idempotent?: true | 'required'
  /** The error of a thing that is not there, so that a malformed id gets the same answer; `http.not_found` if absent. */
  readonly notFound?: () => AppError
  handle(call: RouteCall<E, A>, services: Services): Result | Promise<Result>
}

/** A route whose types have been checked; `Services` is what its handler needs from its module. */
export interface Route<Services = unknown> {
  readonly endpoint: Endpoint
  readonly access: Access
  readonly limit: Limit
  readonly countedByHandler: readonly RateLimitRule[]
  readonly scope: string | undefined
  readonly bodyLimit: number | undefined
  readonly keepsSession: boolean
  readonly idempotent: true | 'required' | undefined
  readonly notFound: (() => AppError) | undefined
  readonly run: (call: AnyRouteCall, services: Services) => unknown
}

/** A call whose types were checked where its route was defined. */
export interface AnyRouteCall {
  readonly actor: Actor | undefined
  readonly body: unknown
  readonly query: unknown
  readonly params: unknown
  readonly headers: unknown
  readonly request: RequestFacts
  readonly idempotencyToken: string | undefined
}

/**
 * Serves an endpoint of a contract. Who may call it and how often are part of the definition and have no default.
 * Throws when `idempotent` is asked of a route that does not know its caller, and when a `scope` is stated where no
 * personal access token could ever get in.
 */
export function defineRoute<
  const E extends Endpoint,
  const A extends Access,
  const Result extends HandlerResult<E>,
  Services = unknown,
>(endpoint: E, options: RouteOptions<E, A, Services, Result>): Route<Services> {
  if (options.idempotent && (options.access === 'anyone' || options.access === 'optional')) {
    throw new Error(`${endpoint.method} ${endpoint.path} cannot be idempotent without a signed-in caller.`)
  }
  if (options.scope !== undefined && !takesTokens(options.access)) {
    throw new Error(`${endpoint.method} ${endpoint.path} takes no personal access token, so it has no scope.`)
  }
  return {
    endpoint,
    access: options.access,
    limit: options.limit,
    countedByHandler: options.countedByHandler ?? [],
    scope: options.scope,
    bodyLimit: options.bodyLimit,
    keepsSession: options.keepsSession ?? false,
    idempotent: options.idempotent,
    notFound: options.notFound,
    run: (call, services) => options.handle(call as RouteCall<E, A>, services),
  }
}

/** Whether a credential is looked at that need not be fresh: personal access tokens never are. */
function takesTokens(access: Access): boolean {
  return access !== 'anyone' && !mayAskForProof(access)
}

/** A route with its services, and the name its contract gives it. */
export interface BoundRoute {
  readonly name: string
  readonly route: Route<never>
  readonly run: (call: AnyRouteCall) => unknown
}

/** Gives routes the services of their module. The names become operation ids: use those of the contract. */
export function bindRoutes<Services>(
  services: Services,
  routes: Readonly<Record<string, Route<NoInfer<Services>>>>,
): BoundRoute[] {
  return Object.entries(routes).map(([name, route]) => ({
    name,
    route,
    run: (call) => route.run(call, services),
  }))
}
