import type { Migration } from '../migrate/migration.ts'
import type { AnyTable } from '../schema/table.ts'

/** What this version of the program expects in a database. */
export interface Schema {
  readonly tables: readonly AnyTable[]
  readonly migrations: readonly Migration[]
}
