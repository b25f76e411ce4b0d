import type { AnyTable } from '../schema/table.ts'
import type { Dialect } from '../schema/value-type.ts'
import { inOrder, type Migration, migrationChecksum, statementsOf } from './migration.ts'

/** The table that remembers what was applied; outside the declarations, because it must be there before them. */
export const HISTORY_TABLE = 'outcry_migrations'

/** One line of the history. */
export interface AppliedMigration {
  readonly id: string
  readonly checksum: string
}

/** One engine's connection for changing the schema, as the role that owns it. */
export interface MigrationConnection {
  readonly dialect: Dialect
  /** Reads the history; empty when there is none yet. */
  applied(): Promise<AppliedMigration[]>
  /** Runs `work` in one transaction that no other node's migrator can be in at the same time. */
  exclusively(work: () => Promise<void>): Promise<void>
  execute(sql: string): Promise<void>
  /** Runs an update and says how many rows it changed. */
  change(sql: string): Promise<number>
  /** The single number that a query answers. */
  count(sql: string): Promise<number>
  record(migration: AppliedMigration): Promise<void>
  /** Gives the serving role its rights and takes back others; nothing to do where there are no roles. */
  grant(tables: readonly AnyTable[]): Promise<void>
  close(): Promise<void>
}

/** The history does not fit this version's migrations, or a step did not do what it promised. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** How the history and this version's migrations compare. */
export interface MigrationStatus {
  readonly applied: readonly string[]
  readonly pending: readonly Migration[]
  /** Applied by a later version than this one. */
  readonly unknown: readonly string[]
}

/** Compares history and migrations. Throws `MigrationError` when an applied migration was changed afterwards. */
export async function migrationStatus(
  connection: Pick<MigrationConnection, 'applied'>,
  migrations: readonly Migration[],
): Promise<MigrationStatus> {
  const ordered = inOrder(migrations)
  const history = new Map((await connection.applied()).map(({ id, checksum }) => [id, checksum]))
  for (const migration of ordered) {
    const checksum = history.get(migration.id)
    if (checksum !== undefined && checksum !== migrationChecksum(migration)) {
      throw new MigrationError(
        `The migration ${migration.id} was applied with another text; use the version that applied it.`,
      )
    }
  }
  const known = new Set(ordered.map(({ id }) => id))
  return {
    applied: ordered.filter(({ id }) => history.has(id)).map(({ id }) => id),
    pending: ordered.filter(({ id }) => !history.has(id)),
    unknown: [...history.keys()].filter((id) => !known.has(id)),
  }
}

async function applySteps(connection: MigrationConnection, migration: Migration): Promise<void> {
  for (const step of migration.steps) {
    if ('update' in step) {
      const expected = await connection.count(step.remaining)
      const changed = await connection.change(step.update)
      const left = await connection.count(step.remaining)
      if (changed !== expected || left !== 0) {
        throw new MigrationError(
          `The migration ${migration.id} filled ${changed} rows of ${expected} and left ${left}; nothing was changed.`,
        )
      }
    } else {
      const isDone =
        step.unless !== undefined && (await connection.count(step.unless[connection.dialect])) > 0
      if (isDone) continue
      for (const sql of statementsOf(step, connection.dialect)) await connection.execute(sql)
    }
  }
}

/** What a database is migrated to. */
export interface MigrateOptions {
  readonly migrations: readonly Migration[]
  readonly tables: readonly AnyTable[]
  readonly onApplied?: (id: string) => void
}

/**
 * Brings the schema up to date. Each migration commits together with its line in the history, so a kill at any point
 * leaves it applied or not; a second node waits its turn and finds it done. Returns the ids it applied.
 */
export async function migrate(connection: MigrationConnection, options: MigrateOptions): Promise<string[]> {
  const applied: string[] = []
  const { pending } = await migrationStatus(connection, options.migrations)
  for (const migration of pending) {
    let isMine = false
    await connection.exclusively(async () => {
      const history = await connection.applied()
      if (history.some(({ id }) => id === migration.id)) return
      await applySteps(connection, migration)
      await connection.record({ id: migration.id, checksum: migrationChecksum(migration) })
      isMine = true
    })
    if (isMine) {
      applied.push(migration.id)
      options.onApplied?.(migration.id)
    }
  }
  await connection.exclusively(() => connection.grant(options.tables))
  return applied
}

/** What `migrate` would run, as SQL to read. */
export function dryRun(dialect: Dialect, pending: readonly Migration[]): string {
  return pending
    .map((migration) => {
      const statements = migration.steps.flatMap((step) => statementsOf(step, dialect))
      return `-- ${migration.id}\n${statements.map((sql) => `${sql};`).join('\n')}`
    })
    .join('\n\n')
}
