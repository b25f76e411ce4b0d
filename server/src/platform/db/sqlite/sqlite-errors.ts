import {
  AccessRefusedError,
  ConstraintError,
  DatabaseUnavailableError,
  InvalidValueError,
} from '../errors.ts'

// Extended result codes, https://www.sqlite.org/rescode.html
const CONSTRAINTS = new Map<number, ConstraintError['kind']>([
  [2067, 'unique'],
  [1555, 'unique'],
  [2579, 'unique'],
  [787, 'foreign_key'],
  [275, 'check'],
  [1299, 'not_null'],
])
const CONSTRAINT_TRIGGER = 1811 // ours raise only to keep a table append-only
const PRIMARY_CODE = 0xff
const BUSY = 5
const UNAVAILABLE = new Set([BUSY, 6, 10, 13, 14]) // busy, locked, I/O error, disk full, cannot open

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined
}

/** Whether another process holds the write lock, so that trying again soon makes sense. */
export function isSqliteBusy(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError && ((codeOf(error.cause) ?? 0) & PRIMARY_CODE) === BUSY
}

/** SQLite names what was violated in its message: `UNIQUE constraint failed: users.email, users.name`. */
function whereOf(message: string): { table?: string | undefined; columns: string[] } {
  const subject = message.slice(message.indexOf(': ') + 2)
  const parts = subject.split(', ').map((part) => part.split('.'))
  return {
    table: parts[0]?.[1] === undefined ? undefined : parts[0][0],
    columns: parts.flatMap(([, column]) => column ?? []),
  }
}

/** Turns the driver's errors into this layer's; anything else passes unchanged. */
export function translateSqliteError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if ('code' in error && error.code === 'ERR_OUT_OF_RANGE') {
    return new InvalidValueError('A number of the database is beyond 2^53.')
  }
  const code = codeOf(error)
  if (code === undefined) return error
  const kind = CONSTRAINTS.get(code)
  if (kind) return new ConstraintError(kind, whereOf(error.message), error)
  if (code === CONSTRAINT_TRIGGER) {
    return new AccessRefusedError('The database refused a row: the table only takes new ones.', {
      cause: error,
    })
  }
  if (UNAVAILABLE.has(code & PRIMARY_CODE)) {
    return new DatabaseUnavailableError('The database is busy or its disk refuses; try again in a moment.', {
      cause: error,
    })
  }
  return error
}
