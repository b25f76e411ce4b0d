/**
 * The portable data layer. Declare a table once with the column kinds, build statements with `createSql`, run them on a
 * `Db` or a `Tx`: the same JavaScript values go in and come out on SQLite and on PostgreSQL.
 */
export {
  AccessRefusedError,
  ConstraintError,
  DatabaseUnavailableError,
  InvalidValueError,
  isUniqueViolation,
  QueryDefinitionError,
  TransactionUseError,
} from './errors.ts'
export { defineMigration, type Migration } from './migrate/migration.ts'
export {
  dryRun,
  type MigrationConnection,
  MigrationError,
  migrate,
  migrationStatus,
} from './migrate/migrator.ts'
export {
  type DatabaseLocation,
  databaseDrift,
  type OpenOptions,
  openDatabase,
  openForMigration,
} from './open-database.ts'
export { servingRoleProblems } from './postgres/check-role.ts'
export {
  arrayContains,
  arrayOverlaps,
  containsText,
  jsonMerge,
  jsonText,
  lockRows,
  matchesWords,
  now,
  skipLocked,
  startsWithText,
} from './query/expressions.ts'
export { indexPredicate } from './query/index-predicate.ts'
export { keysetAfter, keysetBefore } from './query/keyset.ts'
export { computed, ownedBy, portable, value } from './query/marks.ts'
export { insertRow, insertRows, updateRow } from './query/rows.ts'
export { createSql, Read, type Sql, Write } from './query/sql.ts'
export {
  type AnyColumn,
  array,
  bigint,
  boolean,
  bytes,
  type Columns,
  canonical,
  date,
  decimal,
  double,
  enumOf,
  integer,
  jsonb,
  money,
  sealed,
  searchText,
  text,
  timestamptz,
  uuid,
} from './schema/column.ts'
export { searchWords } from './schema/composite-types.ts'
export { createStatements } from './schema/ddl.ts'
export { canonicalText } from './schema/scalar-types.ts'
export { bindingOf } from './schema/seal-binding.ts'
export {
  type AnyTable,
  defineTable,
  fullText,
  gin,
  index,
  type NewRow,
  type Patch,
  type Row,
  type Table,
  unique,
} from './schema/table.ts'
export type { Dialect } from './schema/value-type.ts'
export type { Db, Queryable, Tx } from './session.ts'
