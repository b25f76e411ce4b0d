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
const OURS = SESSION_SETTINGS.map(([name, value]) => `-c ${name}=${value.replaceAll(' ', '\\ ')}`).join(' ')
const OVERRIDING = new Set(['options', ...SESSION_SETTINGS.map(([name]) => name)])

const isOverriding = (part: string) => new URLSearchParams(part).keys().some((name) => OVERRIDING.has(name))

/**
 * How to connect as `url` says, with our settings in force whatever it says of them: the driver takes a setting in the URL
 * before ours, and the server takes the last `-c` of `options`, but a parameter of a setting's own after all of those. What
 * else it says is left letter by letter, because the driver reads addresses that are none for others.
 */
export function connectionOf(url: string): { connectionString: string; options: string } {
  const [address = ''] = url.split(/[?#]/, 1)
  const query = /^\?([^#]*)/.exec(url.slice(address.length))?.[1] ?? ''
  const parts = query.replaceAll(/[\t\r\n]/g, '').split('&') // which the driver leaves out too
  const given = new URLSearchParams(parts.join('&')).getAll('options').at(-1) ?? ''
  const kept = parts.filter((part) => !isOverriding(part)).join('&')
  return {
    connectionString: kept === '' ? address : `${address}?${kept}`,
    options: given === '' ? OURS : `${withoutEscapeAtEnd(given)} ${OURS}`,
  }
}

/** At its end a backslash means nothing, but it would take what is put behind it for its own. */
function withoutEscapeAtEnd(options: string): string {
  const isOpen = options.replaceAll('\\\\', '').endsWith('\\')
  return isOpen ? options.slice(0, -1) : options
}
