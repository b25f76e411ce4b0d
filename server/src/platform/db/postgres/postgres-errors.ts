import {
  AccessRefusedError,
  ConstraintError,
  DatabaseUnavailableError,
  InvalidValueError,
  TransactionUseError,
} from '../errors.ts'
import type { Registry } from '../query/scope.ts'
import type { AnyTable } from '../schema/table.ts'

// SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
const CONSTRAINTS = new Map<string, ConstraintError['kind']>([
  ['23505', 'unique'],
  ['23503', 'foreign_key'],
  ['23514', 'check'],
  ['23502', 'not_null'],
])
const UNAVAILABLE = /^(08|53|57P|40001|40P01|55P03|57014)|^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/
const LOST =
  /Connection terminated|Client was closed|connection error and is not queryable|timeout (?:exceeded|expired)/
// What the driver says of a server without TLS, and the names of https://nodejs.org/api/tls.html#x509-certificate-error-codes
const WITHOUT_TLS = 'The server does not support SSL connections'
const UNPROVEN = /CERT|^UNABLE_TO_(?:GET|VERIFY)|^(?:HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)$/

interface ServerError extends Error {
  code?: unknown
  table?: unknown
  column?: unknown
  constraint?: unknown
}

/** Under row security the server does not say which columns; the constraint's name, which is ours, does. */
function columnsOf(error: ServerError, table: AnyTable | undefined): readonly string[] {
  if (typeof error.column === 'string') return [error.column]
  if (table === undefined) return []
  if (error.constraint === `${table.name}_pkey`) return table.primaryKey
  return table.indexes.find(({ name }) => name === error.constraint)?.columns ?? []
}

const DATA_EXCEPTION = /^22/ // the one class whose message quotes values
const BEHIND_A_FAILURE = '25P02'
const REFUSED = new Set(['42501', '25006']) // no right or row security; a write in a read-only transaction

/** The server's own words without its `detail`, which quotes the row. */
function withoutValues(error: ServerError): Error {
  const code = typeof error.code === 'string' ? error.code : 'unknown'
  const said = DATA_EXCEPTION.test(code) ? 'a value does not fit its type' : error.message
  return new Error(`PostgreSQL ${code}: ${said}`)
}

/** Why a server is not taken for the one that is meant, in one sentence: nothing but the wish for TLS was sent to it. */
function unprovenServer({ code, message }: ServerError): string | undefined {
  if (message === WITHOUT_TLS)
    return 'PostgreSQL speaks no TLS, which the sslmode in its URL asks for, and was told no password; switch TLS on there.'
  if (typeof code !== 'string' || !UNPROVEN.test(code)) return undefined
  const [why = ''] = message.split(';') // behind it is advice about Node.js
  return `PostgreSQL does not prove who it is (${why.trim()}), and was told no password; mend its certificate, or name its authority with sslrootcert.`
}

/** Turns the driver's errors into this layer's; anything else passes without the server's detail. */
export function translatePostgresError(error: unknown, registry?: Registry): unknown {
  if (!(error instanceof Error)) return error
  const { code, table } = error as ServerError
  const kind = typeof code === 'string' ? CONSTRAINTS.get(code) : undefined
  if (kind) {
    const name = typeof table === 'string' ? table : undefined
    const where = { table: name, columns: columnsOf(error, registry?.get(name ?? '')) }
    return new ConstraintError(kind, where, withoutValues(error))
  }
  const unproven = unprovenServer(error)
  if (unproven !== undefined) return new DatabaseUnavailableError(unproven, { cause: withoutValues(error) })
  if ((typeof code === 'string' && UNAVAILABLE.test(code)) || LOST.test(error.message)) {
    return new DatabaseUnavailableError('The database cannot be reached or is busy; try again in a moment.', {
      cause: withoutValues(error),
    })
  }
  if (typeof code !== 'string') return error
  if (code === BEHIND_A_FAILURE) return new TransactionUseError('This transaction has failed.')
  if (DATA_EXCEPTION.test(code)) {
    return new InvalidValueError('The database cannot hold a value of this statement.', {
      cause: withoutValues(error),
    })
  }
  if (REFUSED.has(code)) {
    return new AccessRefusedError('The database refused a row to the serving role.', {
      cause: withoutValues(error),
    })
  }
  return withoutValues(error)
}
