/** Errors whose message was written for the operator. */
const SPOKEN = new Set([
  'AppError',
  'CipherError',
  'ClockError',
  'CommandError',
  'CopyError',
  'DatabaseUnavailableError',
  'FileLockError',
  'KeyRingError',
  'MigrationError',
  'PasswordFilterError',
  'SealIntegrityError',
  'UnfitDiskError',
  'UnknownKeyError',
  'UsageError',
  'VaultStartError',
])

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'another program has that address and port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it is there already',
  EISDIR: 'it is a folder',
  ENOENT: 'it is not there',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'part of the path is not a folder',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
}

interface SystemError extends Error {
  code?: unknown
  path?: unknown
  address?: unknown
  port?: unknown
  errstr?: unknown
}

function systemSentence({ code, path, address, port, errstr }: SystemError): string | undefined {
  if (code === 'ERR_SQLITE_ERROR') return `SQLite refuses the database file: ${String(errstr)}.`
  const words = typeof code === 'string' ? SYSTEM_WORDS[code] : undefined
  if (!words) return undefined
  if (typeof path === 'string') return `${path} cannot be used: ${words}.`
  if (typeof address === 'string') return `${address}:${String(port)} cannot be used: ${words}.`
  return `The system refused: ${words}.`
}

/** PostgreSQL on signing in (28), a missing database (3D), or missing rights (42501): its words hold no row. */
const POSTGRES_REFUSAL = /^PostgreSQL (?:28\w{3}|3D000|42501): (.*)$/

/** What the operator is told about an error, a line for each thing to mend; `undefined` for one that nobody expected. */
export function failureSentences(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'ConfigError' && 'problems' in error && Array.isArray(error.problems)) {
    return error.problems.map(String)
  }
  if (SPOKEN.has(error.name)) return error.message.split('\n')
  if (error.name === 'AbortError') return ['The command was stopped.']
  const refusal = POSTGRES_REFUSAL.exec(error.message)?.[1]
  if (refusal) return [`PostgreSQL refuses: ${refusal}.`]
  const sentence = systemSentence(error)
  return sentence === undefined ? undefined : [sentence]
}
