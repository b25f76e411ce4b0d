/** What a caller may say to a broker beside method, path, query and body. Keys, cookies and addresses are not among it. */
const TO_BROKER: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
  'user-agent',
])

/** What of a broker's answer is handed on. Where it would send the caller next and its cookies are not. */
const FROM_BROKER: ReadonlySet<string> = new Set([
  'accept-ranges',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'request-id',
  'retry-after',
  'x-request-id',
])
const RATE_LIMITS = 'x-ratelimit-'

/** Headers as they came; names in lower case. */
export type BrokerHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The headers that may go to a broker; names in lower case. */
export function headersToBroker(headers: BrokerHeaders): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (TO_BROKER.has(name) && typeof value === 'string') kept[name] = value
  }
  return kept
}

/** The headers of a broker's answer that may be handed on. */
export function headersFromBroker(headers: BrokerHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !(FROM_BROKER.has(name) || name.startsWith(RATE_LIMITS))) continue
    kept[name] = value
  }
  return kept
}
