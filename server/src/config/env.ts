/** The settings in this process's environment. Nothing but this file reads the environment. */
export function readEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OUTCRY_')))
}

/** What a program of ours may need of the system; PG… is read by the driver of PostgreSQL. */
const OF_THE_SYSTEM =
  /^(PATH|HOME|TMPDIR|TZ|NODE_COMPILE_CACHE|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|PG\w+)$/

/** What a child process gets besides settings. `NODE_OPTIONS` is not in it, which could open an inspector there. */
export function readSystemEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => OF_THE_SYSTEM.test(name)))
}

/**
 * Why nothing may run in this environment, in one sentence; nothing for most. Otherwise no certificate of a database, broker or mail
 * server would be looked at (C55, C64).
 */
export function environmentProblem(): string | undefined {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return undefined
  return 'NODE_TLS_REJECT_UNAUTHORIZED=0 has every TLS connection believe anybody; unset it, and name an authority of your own in NODE_EXTRA_CA_CERTS.'
}
