// Note: RFC 3986 §3.3 and §3.4; nothing that a parser of URLs would rewrite, so that what was granted is what is sent.
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/
const QUERY = /^(?:\?(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*)?$/
const SLASH = /%2f|%5c/gi
const DOT = /%2e/gi
const CONTROL = /%(?:[01][0-9a-f]|7f)/i

/** What may be asked of a broker. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** One request to a broker, without headers and body. */
export interface BrokerTarget {
  readonly method: string
  readonly path: string
  readonly query: string
}

/**
 * Whether a request can be sent to a broker as it is: a path from one slash on, without dot segments in any spelling,
 * line breaks or a host of its own, and a query that is empty or begins with a question mark.
 */
export function isBrokerTarget({ method, path, query }: BrokerTarget): boolean {
  if (!METHODS.has(method) || !PATH.test(path) || !QUERY.test(query)) return false
  const plain = path.replace(SLASH, '/').replace(DOT, '.')
  if (plain.startsWith('//') || CONTROL.test(path) || CONTROL.test(query)) return false
  return !plain.split('/').some((segment) => segment === '.' || segment === '..')
}

/** Whether a method changes nothing at a broker (RFC 9110, section 9.2.1). */
export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Whether this target, put behind the pinned origin, leads to that origin and nowhere else (C64). */
export function staysAt(origin: string, { path, query }: BrokerTarget): boolean {
  return URL.canParse(path + query, origin) && new URL(path + query, origin).origin === origin
}
