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
