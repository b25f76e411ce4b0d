import { apiBase, type Endpoint } from '@outcry/contract/endpoint'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { type AdmissionOptions, admissionRule, createAdmission } from './admission.ts'
import type { SiteOrigins } from './cross-origin.ts'
import { httpErrors, validationFailed } from './http-errors.ts'
import { beginIdempotent, type IdempotencyStore, replay, storeAnswer } from './idempotency.ts'
import { compileInput, type InputCheck } from './input-schema.ts'
import { createHearing, withHearing } from './refusals.ts'
import { requestFacts } from './request-facts.ts'
import { type BoundRoute, WithHeaders } from './route.ts'
import type { AnswerHeaders } from './security-headers.ts'

/** What every route is served with. */
export interface RegisterOptions extends AdmissionOptions {
  readonly idempotency: IdempotencyStore | undefined
}

/** Puts a route on the server. Throws when its contract and its path or options do not fit together. */
export function registerRoute(fastify: FastifyInstance, bound: BoundRoute, options: RegisterOptions): void {
  const { endpoint, bodyLimit, idempotent } = bound.route
  const pattern = apiBase + endpoint.path
  requireParams(endpoint)
  const store = idempotent === undefined ? undefined : options.idempotency
  if (idempotent !== undefined && store === undefined) {
    throw new Error(
      `${endpoint.method} ${endpoint.path} is idempotent, but the server has no idempotency store.`,
    )
  }
  const served = {
    method: endpoint.method === 'GET' ? ['GET', 'HEAD'] : endpoint.method,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    schema: { response: endpoint.responses },
    onRequest: createAdmission(admissionRule(bound.route), pattern, options),
    ...(store === undefined ? {} : { onSend: storeAnswer(store) }),
    handler: createHandler(
      withHearing(bound, createHearing(pattern, options.onRefused)),
      options.origins,
      store,
    ),
  }
  const url = pattern.replace(/\{(\w+)\}/g, ':$1')
  fastify.route({ ...served, url })
  if (isCollection(endpoint)) fastify.route({ ...served, url: `${url}/` })
}

/** Such as `/users`, which clients that were written for a router of its own ask for as `/users/`. */
function isCollection({ path }: Endpoint): boolean {
  return path.lastIndexOf('/') === 0
}

function createHandler(bound: BoundRoute, origins: SiteOrigins, store: IdempotencyStore | undefined) {
  const { endpoint, idempotent } = bound.route
  const readInputs = createInputReader(bound)
  const answer = createAnswerer(endpoint)
  const door = { origins, takesForm: endpoint.bodyType === 'form' }
  const run = (request: FastifyRequest, reply: FastifyReply, inputs: Inputs): unknown => {
    const { params, query, headers, body } = inputs
    const { actor, claim } = request.call
    const facts = requestFacts(request, reply, door)
    return bound.run({ params, query, headers, body, actor, request: facts, idempotencyToken: claim })
  }
  const runOnce = async (request: FastifyRequest, reply: FastifyReply, store: IdempotencyStore) => {
    const inputs = readInputs(request)
    const begun = await beginIdempotent(store, request, {
      owner: request.call.actor?.id ?? '',
      route: `${endpoint.method} ${endpoint.path}`,
      isRequired: idempotent === 'required',
      body: inputs.body,
    })
    if (begun !== undefined && 'status' in begun) return replay(reply, begun)
    request.call.claim = begun?.token
    return answer(reply, await run(request, reply, inputs))
  }
  if (store !== undefined)
    return (request: FastifyRequest, reply: FastifyReply) => runOnce(request, reply, store)
  return (request: FastifyRequest, reply: FastifyReply): unknown => {
    const result = run(request, reply, readInputs(request))
    if (result instanceof Promise) return result.then((settled) => answer(reply, settled))
    reply.send(answer(reply, result))
    return undefined
  }
}

interface Inputs {
  readonly params: unknown
  readonly query: unknown
  readonly headers: unknown
  readonly body: unknown
}

/** Checks the parts of a request its contract names: params answer 404, everything else 422. */
function createInputReader({ route }: BoundRoute): (request: FastifyRequest) => Inputs {
  const { endpoint, notFound = httpErrors.notFound } = route
  const compile = (schema: TSchema | undefined, root: string, fromText: boolean) =>
    schema === undefined ? undefined : compileInput(schema, { root, fromText })
  const params = compile(endpoint.params, 'params', true)
  const query = compile(endpoint.query, 'query', true)
  const headers = compile(endpoint.headers, 'headers', true)
  const body = compile(endpoint.body, 'body', endpoint.bodyType === 'form')
  return (request) => ({
    params: params === undefined ? undefined : readParams(params, request.params, notFound),
    query: read(query, request.query),
    headers: read(headers, request.headers),
    body: read(body, request.body),
  })
}

function readParams(check: InputCheck, params: unknown, notFound: () => Error): unknown {
  const checked = check(params)
  if ('errors' in checked) throw notFound()
  return checked.value
}

function read(check: InputCheck | undefined, input: unknown): unknown {
  if (check === undefined) return undefined
  const checked = check(input)
  if ('errors' in checked) throw validationFailed(checked.errors)
  return checked.value
}

/** Turns what a handler returned into status, headers and body. */
function createAnswerer({ responses, method, path }: Endpoint) {
  const statuses = Object.keys(responses).map(Number)
  const [only] = statuses
  if (only === undefined) throw new Error(`${method} ${path} has no success answer.`)
  return (reply: FastifyReply, result: unknown): unknown => {
    if (statuses.length > 1) {
      const { status, body, headers } = result as { status: number; body: unknown; headers?: AnswerHeaders }
      reply.code(status).headers(headers ?? {})
      return status === 204 ? undefined : body
    }
    if (only !== 200) reply.code(only)
    if (!(result instanceof WithHeaders)) return result
    reply.headers(result.headers)
    return result.body
  }
}

function requireParams({ method, path, params }: Endpoint): void {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const declared = Object.keys(params?.properties ?? {})
  if (
    named.length !== declared.length ||
    named.some((name) => name === undefined || !declared.includes(name))
  ) {
    throw new Error(`${method} ${path} does not declare exactly the parameters of its path.`)
  }
}
