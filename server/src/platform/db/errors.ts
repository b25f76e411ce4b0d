/** A value that its column cannot hold. The message names the kind, never the value: values may be secret. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError'
}

/** A query that the layer cannot run the same way on both engines; always a programming error. */
export class QueryDefinitionError extends Error {
  override readonly name = 'QueryDefinitionError'
}

/** A transaction or connection was used in a way that would deadlock, interleave or write outside it. */
export class TransactionUseError extends Error {
  override readonly name = 'TransactionUseError'
}

/** What a constraint of the database refused, in the same words on both engines. */
export class ConstraintError extends Error {
  override readonly name = 'ConstraintError'
  readonly kind: 'unique' | 'foreign_key' | 'check' | 'not_null'
  /** Table and columns of the violated constraint, as far as the engine names them; for logs and for `isUniqueViolation`. */
  readonly table: string | undefined
  readonly columns: readonly string[]

  constructor(
    kind: ConstraintError['kind'],
    where: { table?: string | undefined; columns?: readonly string[] },
    cause: unknown,
  ) {
    super(`A ${kind.replace('_', ' ')} constraint of ${where.table ?? 'a table'} was violated.`, { cause })
    this.kind = kind
    this.table = where.table
    this.columns = where.columns ?? []
  }
}

/**
 * The database itself refused a row to whoever runs the statement: row security, a missing right, or a table that may
 * only be added to. The statement's own predicates should have come first, so this is a programming error or an attack.
 */
export class AccessRefusedError extends Error {
  override readonly name = 'AccessRefusedError'
}

/** The database cannot be reached or is too busy; the caller may try again after a moment. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}

/** The database file is where it cannot be kept safely; one plain sentence for the operator. */
export class UnfitDiskError extends Error {
  override readonly name = 'UnfitDiskError'
}

/** Whether `error` says that a row with the same value in `column` exists already. */
export function isUniqueViolation(error: unknown, column?: string): error is ConstraintError {
  return (
    error instanceof ConstraintError &&
    error.kind === 'unique' &&
    (column === undefined || error.columns.includes(column))
  )
}
