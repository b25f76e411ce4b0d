import type { DocumentedError } from '../errors.ts'
import { mayAskForProof } from './access.ts'
import { isWriting } from './cross-origin.ts'
import type { Answer } from './openapi.ts'
import type { BoundRoute } from './route.ts'

/** What stands before every operation, by its method and whether it takes a body. */
export function refusalsOfEvery(method: string, takesBody: boolean): string[] {
  return [
    ...['http.bad_request', 'http.misdirected_request', 'http.headers_too_large'],
    ...['http.rate_limited', 'http.internal', 'http.unavailable'],
    ...(isWriting(method) ? ['http.cross_site_refused'] : []),
    ...(takesBody ? ['http.body_too_large'] : []),
  ]
}

/** The refusals that an ordinary route may answer with, by status. Throws when it names a code that no catalogue has. */
export function failuresOf(
  { endpoint, access, idempotent }: BoundRoute['route'],
  errors: ReadonlyMap<string, DocumentedError>,
): Record<string, Answer> {
  const everywhere = refusalsOfEvery(endpoint.method, endpoint.body !== undefined)
  const codes = new Set<string>([...endpoint.errors, ...everywhere])
  if (access !== 'anyone') {
    codes.add('http.unauthenticated').add('http.account_not_active').add('http.insufficient_scope')
  }
  if (mayAskForProof(access)) codes.add('http.insufficient_user_authentication')
  if (access === 'token') codes.add('http.token_needed')
  if (typeof access === 'object') codes.add('http.forbidden')
  if (endpoint.params !== undefined && endpoint.errors.length === 0) codes.add('http.not_found')
  if (endpoint.body !== undefined || endpoint.query !== undefined) codes.add('http.validation_failed')
  if (endpoint.body !== undefined) codes.add('http.malformed_body').add('http.unsupported_media_type')
  if (idempotent !== undefined) codes.add('http.idempotency_in_flight').add('http.idempotency_key_reused')
  return refusalsBy(codes, errors, `${endpoint.method} ${endpoint.path}`)
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
