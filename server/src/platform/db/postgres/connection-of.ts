/** What holds on every connection that serves: the name and the value of each setting. */
export const SESSION_SETTINGS: readonly (readonly [string, string])[] = [
  ['TimeZone', 'UTC'],
  ['DateStyle', 'ISO'],
  ['statement_timeout', '5s'],
  ['lock_timeout', '2s'],
  // Note: what the audit log says before a key is opened is durable, whatever the server's default is.
  ['synchronous_commit', 'on'],
  ['idle_in_transaction_session_timeout', '10s'],
  ['default_transaction_isolation', 'read committed'],
]
/**
 * What keeps the planner from reading a table through, or sorting what it found, where an index gives rows in their order. It
 * goes by statistics, and a plan is kept for as long as these are: one that was made while a table was all but empty is used
 * on the full one. Only for connections whose every statement finds a few rows by an index.
 */
export const BY_INDEX: readonly (readonly [string, string])[] = [
  ['enable_seqscan', 'off'],
  ['enable_bitmapscan', 'off'],
  ['enable_sort', 'off'],
]
const optionOf = ([name, value]: readonly [string, string]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`
const OVERRIDING = new Set(['options', ...[...SESSION_SETTINGS, ...BY_INDEX].map(([name]) => name)])

/** How a connection differs from others of the serving role. */
export interface ConnectionKind {
  /** Whether `BY_INDEX` holds on it. */
  readonly findsByIndex?: boolean
}

const isOverriding = (part: string) => new URLSearchParams(part).keys().some((name) => OVERRIDING.has(name))

/**
 * How to connect as `url` says, with our settings in force whatever it says of them: the driver takes a setting in the URL
 * before ours, and the server takes the last `-c` of `options`, but a parameter of a setting's own after all of those. What
 * else it says is left letter by letter, because the driver reads addresses that are none for others.
 */
export function connectionOf(
  url: string,
  { findsByIndex = false }: ConnectionKind = {},
): { connectionString: string; options: string } {
  const [address = ''] = url.split(/[?#]/, 1)
  const query = /^\?([^#]*)/.exec(url.slice(address.length))?.[1] ?? ''
  const parts = query.replaceAll(/[\t\r\n]/g, '').split('&') // which the driver leaves out too
  const given = new URLSearchParams(parts.join('&')).getAll('options').at(-1) ?? ''
  const settings = findsByIndex ? [...SESSION_SETTINGS, ...BY_INDEX] : SESSION_SETTINGS
  const ours = settings.map(optionOf).join(' ')
  const kept = parts.filter((part) => !isOverriding(part)).join('&')
  return {
    connectionString: kept === '' ? address : `${address}?${kept}`,
    options: given === '' ? ours : `${withoutEscapeAtEnd(given)} ${ours}`,
  }
}

/** At its end a backslash means nothing, but it would take what is put behind it for its own. */
function withoutEscapeAtEnd(options: string): string {
  const isOpen = options.replaceAll('\\\\', '').endsWith('\\')
  return isOpen ? options.slice(0, -1) : options
}
