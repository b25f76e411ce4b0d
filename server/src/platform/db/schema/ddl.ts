import { postgresStatements } from './ddl-postgres.ts'
import { sqliteStatements } from './ddl-sqlite.ts'
import type { AnyTable } from './table.ts'
import type { Dialect } from './value-type.ts'

/** The statements that create one declared table with its indexes, triggers and row security, in order. */
export function createStatements(dialect: Dialect, table: AnyTable): string[] {
  return dialect === 'sqlite' ? sqliteStatements(table) : postgresStatements(table)
}
