import type { DocumentedError } from '../errors.ts'
import { mayAskForProof } from './access.ts'
import { isWriting } from './cross-origin.ts'
import type { Answer } from './openapi-document.ts'
import type { BoundRoute } from './route.ts'

/** What stands before every operation, by its method. */
export function refusalsOfEvery(method: string): string[] {
  return [
    ...['http.bad_request', 'http.request_timeout', 'http.expectation_failed', 'http.misdirected_request'],
    ...['http.headers_too_large', 'http.validation_failed', 'http.rate_limited'],
    ...['http.internal', 'http.unavailable', 'http.clock_behind'],
    ...(isWriting(method) ? ['http.cross_site_refused', 'http.body_too_large'] : []),
  ]
}

/** The refusals that an ordinary route may answer with, by status. Throws when it names a code that no catalogue has. */
export function failuresOf(
  { endpoint, access, idempotent }: BoundRoute['route'],
  errors: ReadonlyMap<string, DocumentedError>,
): Record<string, Answer> {
  const { method } = endpoint
  const codes = new Set<string>([...endpoint.errors, ...refusalsOfEvery(method)])
  if (access !== 'anyone') {
    codes.add('http.unauthenticated').add('http.account_not_active').add('http.insufficient_scope')
  }
  if (mayAskForProof(access)) codes.add('http.insufficient_user_authentication')
  if (access === 'token') codes.add('http.token_needed')
  if (typeof access === 'object') codes.add('http.forbidden')
  if (endpoint.params !== undefined && endpoint.errors.length === 0) codes.add('http.not_found')
  // Note: a body that nothing asked for is read and refused like any other.
  if (isWriting(method)) codes.add('http.malformed_body').add('http.unsupported_media_type')
  if (idempotent !== undefined) codes.add('http.idempotency_in_flight').add('http.idempotency_key_reused')
  return refusalsBy(codes, errors, `${method} ${endpoint.path}`)
}

/** The answers of these error codes, by status. Throws when no catalogue has one. */
export function refusalsBy(
  codes: ReadonlySet<string>,
  errors: ReadonlyMap<string, DocumentedError>,
  where: string,
): Record<string, Answer> {
  const byStatus = new Map<number, DocumentedError[]>()
  for (const code of codes) {
    const error = errors.get(code)
    if (error === undefined) throw new Error(`${where} names the unknown error ${code}.`)
    byStatus.set(error.status, [...(byStatus.get(error.status) ?? []), error])
  }
  const answers = [...byStatus].map(([status, list]): [string, Answer] => [
    `${status}`,
    {
      description: list.map(({ code, message }) => `\`${code}\`: ${message}`).join('\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ])
  return Object.fromEntries(answers)
}
