import {
  type AnyTable,
  createStatements,
  type Dialect,
  defineMigration,
  type Migration,
} from '../../../server/src/platform/db/index.ts'

/** One migration that creates tables as they are declared. */
export function migrationFor(tables: readonly AnyTable[]): Migration {
  const ddl = (dialect: Dialect) => tables.flatMap((table) => createStatements(dialect, table))
  return defineMigration({
    id: '20000101-0000-bench-tables',
    steps: [{ sqlite: ddl('sqlite'), postgres: ddl('postgres') }],
  })
}
