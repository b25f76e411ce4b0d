import type { Static, TObject, TSchema } from 'typebox'

/** Every path of a contract is relative to this base. */
export const apiBase = '/api/v1'

/** The methods an endpoint may take. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * What one endpoint looks like on the wire, and nothing about how it is served: clients and the server share it.
 * The server refuses to start when a path parameter has no schema or an error code is not in its catalogue.
 */
export interface Endpoint {
  readonly method: Method
  /** Relative to `apiBase`, parameters in braces: `/users/{id}`. */
  readonly path: `/${string}`
  /** One line for the list of endpoints, in the imperative: "Sign in with a password". */
  readonly summary: string
  readonly description?: string
  /** The group on the documentation page; the first segment of the path when absent. */
  readonly tag?: string
  readonly params?: TObject
  readonly query?: TObject
  /** Request headers the handler reads, in lower case. */
  readonly headers?: TObject
  readonly body?: TSchema
  /** `form` takes `application/x-www-form-urlencoded` instead of JSON; every field then arrives as a string. */
  readonly bodyType?: 'json' | 'form'
  /** Success answers by status (200–299). Error answers are always a `Problem`. */
  readonly responses: Readonly<Record<number, TSchema>>
  /** Error codes of the modules that this endpoint may answer with, beside those every endpoint may. */
  readonly errors: readonly string[]
}

/**
 * Everything under one path, handed on to somewhere else as it is: whatever the method, whatever follows the path, and the
 * bytes of the body. The answer is that of the other end.
 */
export interface StreamEndpoint {
  /** Those it takes; `HEAD` comes with `GET`. */
  readonly methods: readonly Method[]
  /** Relative to `apiBase`, parameters in braces, with a star for the rest: `/gateway/{credential_id}/*`. */
  readonly path: `/${string}/*`
  /** One line for the list of endpoints, in the imperative. */
  readonly summary: string
  readonly description?: string
  /** The group on the documentation page; the first segment of the path when absent. */
  readonly tag?: string
  readonly params?: TObject
  /** Error codes of the modules that this endpoint itself may answer with. */
  readonly errors: readonly string[]
}

/**
 * A stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): read with GET, without
 * an end of its own.
 */
export interface EventEndpoint {
  /** Relative to `apiBase`, without parameters. */
  readonly path: `/${string}`
  /** One line for the list of endpoints, in the imperative. */
  readonly summary: string
  readonly description?: string
  /** The group on the documentation page; the first segment of the path when absent. */
  readonly tag?: string
  /** What may come, by the name of the event; its data is JSON of this shape. */
  readonly events: Readonly<Record<string, TObject>>
  /** Error codes of the modules that it may answer with instead of opening. */
  readonly errors: readonly string[]
}

/** What each event of a stream carries, by its name. */
export type EventsOf<E extends EventEndpoint> = {
  readonly [Name in keyof E['events'] & string]: Static<E['events'][Name]>
}

/** The endpoints of one module by name; the name becomes the operation id, so it is unique over all modules. */
export type Contract = Readonly<Record<string, Endpoint>>

/** Declares the endpoints of a module, keeping the exact type of each. */
export function defineContract<const C extends Contract>(contract: C): C {
  return contract
}

type Part<
  E extends Endpoint | StreamEndpoint,
  Name extends 'params' | 'query' | 'headers' | 'body',
> = E extends {
  readonly [K in Name]: infer S extends TSchema
}
  ? Static<S>
  : undefined

/** What an endpoint takes in its path; `undefined` when nothing. */
export type ParamsOf<E extends Endpoint | StreamEndpoint> = Part<E, 'params'>
/** What an endpoint takes in its query; `undefined` when nothing. */
export type QueryOf<E extends Endpoint> = Part<E, 'query'>
/** The headers an endpoint reads; `undefined` when none. */
export type HeadersOf<E extends Endpoint> = Part<E, 'headers'>
/** What an endpoint takes in its body; `undefined` when nothing. */
export type BodyOf<E extends Endpoint> = Part<E, 'body'>

/** The success statuses of an endpoint, as a union of numbers. */
export type StatusOf<E extends Endpoint> = keyof E['responses'] & number

/** The body an endpoint answers with under one success status, as it is on the wire. */
export type ResponseOf<E extends Endpoint, S extends StatusOf<E> = StatusOf<E>> =
  S extends StatusOf<E> ? (E['responses'][S] extends TSchema ? Static<E['responses'][S]> : never) : never
