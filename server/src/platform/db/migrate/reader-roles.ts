import { readerStatements } from '../schema/ddl-postgres.ts'
import type { AnyTable } from '../schema/table.ts'
import { HISTORY_TABLE } from './migrator.ts'

const nameOf = ({ name }: AnyTable) => name
const everyTable = (tables: readonly AnyTable[]) => [HISTORY_TABLE, ...tables.map(nameOf)]

/** Roles of PostgreSQL that only read, and what: for backups everything, for auditors the audit log. */
const READERS: Readonly<Record<string, (tables: readonly AnyTable[]) => readonly string[]>> = {
  outcry_backup: everyTable,
  outcry_audit: (tables) => tables.filter(({ isLog }) => isLog).map(nameOf),
}

/** The names that roles which only read have, where an operator has made them. */
export const READER_NAMES: readonly string[] = Object.keys(READERS)

/** What gives those that are there their rights, and takes what default privileges may have given them beyond. */
export function readerGrants(there: readonly string[], tables: readonly AnyTable[]): string[] {
  return there.flatMap((role) =>
    readerStatements(role, { reads: READERS[role]?.(tables) ?? [], of: everyTable(tables) }),
  )
}
