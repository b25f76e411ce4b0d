import { createHash } from 'node:crypto'
import { QueryDefinitionError } from '../errors.ts'
import type { Dialect } from '../schema/value-type.ts'

/** Statements that change the schema, frozen as text: later changes of a declaration must not change history. */
export interface SchemaStep {
  readonly sqlite: readonly string[]
  readonly postgres: readonly string[]
  /** Queries that answer one number: the step was done before, and is left out, unless it is 0. */
  readonly unless?: { readonly sqlite: string; readonly postgres: string }
}

/**
 * A change of rows. `remaining` counts the rows still to be filled; the step fails, and with it the migration, unless
 * `update` changes exactly that many and none remain. Both texts must be SQL that the engines read alike.
 */
export interface BackfillStep {
  readonly update: string
  readonly remaining: string
}

/** One part of a migration; all of them commit together. */
export type MigrationStep = SchemaStep | BackfillStep

/** One forward step of the one history that both engines share. */
export interface Migration {
  /** `<yyyymmdd-hhmm>-<module>-<what>`; the order of ids is the order of application. */
  readonly id: string
  readonly steps: readonly MigrationStep[]
}

const ID = /^\d{8}-\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Declares a migration. Once released, its text never changes: a checksum is kept with each applied one. */
export function defineMigration(migration: Migration): Migration {
  if (!ID.test(migration.id)) throw new QueryDefinitionError(`The migration id ${migration.id} is malformed.`)
  return migration
}

const checksums = new WeakMap<Migration, string>() // asked for by every readiness probe

/** SHA-256 over both dialects' text, so that the two databases agree on what was applied. */
export function migrationChecksum(migration: Migration): string {
  const known = checksums.get(migration)
  if (known !== undefined) return known
  const checksum = createHash('sha256').update(JSON.stringify(migration)).digest('hex')
  checksums.set(migration, checksum)
  return checksum
}

/** The statements of one step on one engine; a backfill is its update. */
export function statementsOf(step: MigrationStep, dialect: Dialect): readonly string[] {
  return 'update' in step ? [step.update] : step[dialect]
}

/** All migrations in order; two with one id are a programming error. */
export function inOrder(migrations: readonly Migration[]): readonly Migration[] {
  const sorted = [...migrations].sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const [i, migration] of sorted.entries()) {
    if (sorted[i + 1]?.id === migration.id)
      throw new QueryDefinitionError(`Two migrations are called ${migration.id}.`)
  }
  return sorted
}
