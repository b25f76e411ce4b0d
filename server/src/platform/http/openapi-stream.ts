import type { TSchema } from 'typebox'
import type { DocumentedError } from '../errors.ts'
import { describeLimits } from './describe-limit.ts'
import type { Operation, Parameter } from './openapi-document.ts'
import { refusalsBy, refusalsOfEvery } from './openapi-failures.ts'
import { tagOf } from './openapi-tag.ts'
import type { BoundStreamRoute } from './stream-route.ts'

const REST: Parameter = {
  name: 'path',
  in: 'path',
  required: true,
  description: 'Any path, slashes included; a query may follow it.',
  schema: { type: 'string' },
}

/** One path that stands for all under it, with an operation for each method. The star of the path becomes `{path}`. */
export function describeStream(
  bound: BoundStreamRoute,
  errors: ReadonlyMap<string, DocumentedError>,
  refer: (schema: TSchema) => unknown,
): { readonly path: string; readonly operations: Record<string, Operation> } {
  const { endpoint, name, access } = bound
  const { path, methods, summary, description, params } = endpoint
  const parameters = Object.entries<TSchema>(params?.properties ?? {}).map(
    ([each, schema]): Parameter => ({ name: each, in: 'path', required: true, schema: refer(schema) }),
  )
  const codes = new Set([
    ...endpoint.errors,
    ...['http.unauthenticated', 'http.account_not_active', 'http.insufficient_scope'],
    ...(access === 'token' ? ['http.token_needed'] : []),
  ])
  const operations = methods.map((method): [string, Operation] => {
    const takesBody = method !== 'GET'
    const all = new Set([...codes, ...refusalsOfEvery(method)])
    return [
      method.toLowerCase(),
      {
        operationId: `${name}${method.charAt(0)}${method.slice(1).toLowerCase()}`,
        summary,
        ...(description === undefined ? {} : { description }),
        tags: [tagOf(endpoint)],
        security: [{ bearer: [] }],
        parameters: [...parameters, REST],
        ...(takesBody
          ? { requestBody: { required: false, content: { 'application/json': { schema: {} } } } }
          : {}),
        responses: {
          '2XX': {
            description: 'What the other end answered, with its status and its body.',
            content: { 'application/json': { schema: {} } },
          },
          ...refusalsBy(all, errors, `${method} ${path}`),
        },
        'x-access': access,
        'x-scope': bound.scopeFor(method),
        'x-rate-limits': describeLimits(bound.limit),
      },
    ]
  })
  return { path: path.replace(/\*$/, '{path}'), operations: Object.fromEntries(operations) }
}
