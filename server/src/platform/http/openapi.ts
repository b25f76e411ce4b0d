import { apiBase, type Endpoint } from '@outcry/contract/endpoint'
import { problem } from '@outcry/contract/problem'
import type { TObject, TSchema } from 'typebox'
import { type DocumentedError, listErrors } from '../errors.ts'
import type { Access } from './access.ts'
import { describeLimits } from './describe-limit.ts'
import type { BoundEventRoute } from './event-route.ts'
import { httpErrors } from './http-errors.ts'
import type { Answer, OpenApiDocument, Operation, Parameter } from './openapi-document.ts'
import { describeEvents } from './openapi-events.ts'
import { failuresOf } from './openapi-failures.ts'
import { componentsOf, type NamedSchemas, referTo } from './openapi-schemas.ts'
import { describeStream } from './openapi-stream.ts'
import { tagOf } from './openapi-tag.ts'
import type { BoundRoute } from './route.ts'
import type { BoundStreamRoute } from './stream-route.ts'

/** What the document says about the server as a whole. */
export interface OpenApiInfo {
  readonly title: string
  readonly version: string
  readonly description?: string
  /** The public address; the paths are relative to it. */
  readonly serverUrl: string
  /** The cookie that carries a browser's session, when there is one. */
  readonly sessionCookie?: string | undefined
  /** The catalogues of all modules, so that error codes get their status and sentence. */
  readonly errors: readonly object[]
}

const BEARER =
  'The access token of a sign-in; or, where an operation names a scope in x-scope, a personal access token made for that scope.'

const COOKIE =
  'The session of a browser. A write by it must come from a page of this site, by its Origin, and say Content-Type: application/json, with or without a body.'

const OTHER_METHODS =
  'A method that a path does not have is answered with 405 `http.method_not_allowed`; the Allow header names those it has.'

/** Routes of other kinds. */
export interface OtherRoutes {
  readonly streamRoutes?: readonly BoundStreamRoute[]
  readonly eventRoutes?: readonly BoundEventRoute[]
}

/**
 * Describes the registered routes and streams. Throws when two routes share a name, two different schemas share a title, or a
 * contract names an error code that no catalogue has.
 */
export function generateOpenApi(
  routes: readonly BoundRoute[],
  info: OpenApiInfo,
  { streamRoutes = [], eventRoutes = [] }: OtherRoutes = {},
): OpenApiDocument {
  const errors = listErrors([httpErrors, ...info.errors])
  const named: NamedSchemas = new Map()
  const paths: Record<string, Record<string, Operation>> = {}
  const names = new Set<string>()
  const { title, version, description, serverUrl, sessionCookie } = info
  const schemes = securitySchemesOf(sessionCookie)
  const securityOf = (access: Access) => securityBy(access, Object.keys(schemes))
  for (const bound of routes) {
    if (names.has(bound.name)) throw new Error(`Two routes are named ${bound.name}.`)
    names.add(bound.name)
    const { path, method } = bound.route.endpoint
    const item = paths[apiBase + path] ?? {}
    paths[apiBase + path] = {
      ...item,
      [method.toLowerCase()]: describe(bound, { errors, named, security: securityOf(bound.route.access) }),
    }
  }
  for (const bound of streamRoutes) {
    const { path, operations } = describeStream(bound, errors, (schema) => referTo(schema, named))
    paths[apiBase + path] = operations
  }
  for (const bound of eventRoutes) {
    const refer = (schema: TSchema) => referTo(schema, named)
    const security = securityOf(bound.access)
    paths[apiBase + bound.endpoint.path] = { get: describeEvents(bound, { errors, refer, security }) }
  }
  referTo(problem, named)
  return {
    openapi: '3.1.1',
    info: {
      title,
      version,
      description: description === undefined ? OTHER_METHODS : `${description}\n\n${OTHER_METHODS}`,
    },
    servers: [{ url: serverUrl }],
    tags: [
      ...new Set(
        [...routes.map(({ route }) => route), ...streamRoutes, ...eventRoutes].map(({ endpoint }) =>
          tagOf(endpoint),
        ),
      ),
    ].map((name) => ({ name })),
    paths,
    components: {
      schemas: componentsOf(named),
      securitySchemes: schemes,
    },
  }
}

interface Described {
  readonly errors: ReadonlyMap<string, DocumentedError>
  readonly named: NamedSchemas
  readonly security: Operation['security']
}

function describe({ name, route }: BoundRoute, { errors, named, security }: Described): Operation {
  const { endpoint, access, limit, countedByHandler, scope, idempotent } = route
  const parameters = [
    ...parametersOf(endpoint.params, 'path', named),
    ...parametersOf(endpoint.query, 'query', named),
    ...parametersOf(endpoint.headers, 'header', named),
    ...(idempotent === undefined ? [] : [keyParameter(idempotent)]),
  ]
  const body = endpoint.body
  return {
    operationId: name,
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    tags: [tagOf(endpoint)],
    security,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBodyOf(endpoint, body, named) }),
    responses: { ...successes(endpoint, named), ...failuresOf(route, errors) },
    'x-access': access,
    ...(scope === undefined ? {} : { 'x-scope': scope }),
    'x-rate-limits': [...describeLimits(limit), ...describeLimits(countedByHandler)],
  }
}

function keyParameter(idempotent: true | 'required'): Parameter {
  return {
    name: 'idempotency-key',
    in: 'header',
    required: idempotent === 'required',
    description: 'Makes it safe to send the request again: the same key and body get the first answer.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  }
}

function parametersOf(schema: TObject | undefined, where: Parameter['in'], named: NamedSchemas): Parameter[] {
  if (schema === undefined) return []
  const required = new Set<string>(schema.required)
  return Object.entries<TSchema>(schema.properties).map(([name, property]) => ({
    name,
    in: where,
    required: required.has(name) && !('default' in property),
    ...('description' in property && typeof property.description === 'string'
      ? { description: property.description }
      : {}),
    schema: referTo(property, named),
  }))
}

function requestBodyOf({ bodyType }: Endpoint, body: TSchema, named: NamedSchemas) {
  const type = bodyType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json'
  const { required = [] } = body as { readonly required?: readonly string[] }
  return { required: required.length > 0, content: { [type]: { schema: referTo(body, named) } } }
}

function securitySchemesOf(cookie: string | undefined): Readonly<Record<string, unknown>> {
  return {
    bearer: { type: 'http', scheme: 'bearer', description: BEARER },
    ...(cookie === undefined
      ? {}
      : { cookie: { type: 'apiKey', in: 'cookie', name: cookie, description: COOKIE } }),
  }
}

/** What lets a caller in: any one of the schemes, but a personal access token comes in no cookie. */
function securityBy(access: Access, schemes: readonly string[]): Operation['security'] {
  if (access === 'anyone') return []
  const ways = access === 'token' ? ['bearer'] : schemes
  return [...(access === 'optional' ? [{}] : []), ...ways.map((scheme) => ({ [scheme]: [] }))]
}

function successes({ responses }: Endpoint, named: NamedSchemas): Record<string, Answer> {
  const answers = Object.entries(responses).map(([status, schema]): [string, Answer] => [
    status,
    status === '204'
      ? { description: 'Done.' }
      : { description: 'Success.', content: { 'application/json': { schema: referTo(schema, named) } } },
  ])
  return Object.fromEntries(answers)
}
