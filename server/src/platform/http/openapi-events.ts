import type { TSchema } from 'typebox'
import type { DocumentedError } from '../errors.ts'
import { mayAskForProof } from './access.ts'
import { describeLimits } from './describe-limit.ts'
import type { BoundEventRoute } from './event-route.ts'
import type { Operation, Parameter } from './openapi-document.ts'
import { refusalsBy, refusalsOfEvery } from './openapi-failures.ts'
import { tagOf } from './openapi-tag.ts'

const LAST_EVENT_ID: Parameter = {
  name: 'last-event-id',
  in: 'header',
  required: false,
  description: 'The id of the last event that was seen, after an interruption.',
  schema: { type: 'string' },
}

/** What a stream is described with. */
export interface DescribeEventsOptions {
  readonly errors: ReadonlyMap<string, DocumentedError>
  readonly refer: (schema: TSchema) => unknown
  readonly security: Operation['security']
}

/** A stream of events as one operation. OpenAPI 3.1 has no word for what the events carry, so `x-events` says it. */
export function describeEvents(
  { name, endpoint, access, limit }: BoundEventRoute,
  { errors, refer, security }: DescribeEventsOptions,
): Operation {
  const { path, summary, description, events } = endpoint
  const codes = new Set([
    ...endpoint.errors,
    ...['http.unauthenticated', 'http.account_not_active', 'http.insufficient_scope'],
    ...refusalsOfEvery('GET'),
    ...(mayAskForProof(access) ? ['http.insufficient_user_authentication'] : []),
    ...(typeof access === 'object' ? ['http.forbidden'] : []),
  ])
  return {
    operationId: name,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tagOf(endpoint)],
    security,
    parameters: [LAST_EVENT_ID],
    responses: {
      '200': {
        description: 'Server-sent events, until somebody ends them.',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...refusalsBy(codes, errors, `GET ${path}`),
    },
    'x-access': access,
    'x-rate-limits': describeLimits(limit),
    'x-events': Object.fromEntries(Object.entries(events).map(([event, schema]) => [event, refer(schema)])),
  }
}
