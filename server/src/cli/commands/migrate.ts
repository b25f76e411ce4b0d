import { loadConfig } from '../../config/config.ts'
import { databaseLocation } from '../../database-location.ts'
import {
  type DatabaseLocation,
  dryRun,
  type Migration,
  MigrationError,
  migrate,
  migrationStatus,
  openForMigration,
} from '../../platform/db/index.ts'
import { readHistory } from '../../platform/db/migrate/read-history.ts'
import { migrations, tables } from '../../schema.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { UsageError } from '../usage-error.ts'

/** What is there and what is missing; a database that is not there yet misses everything. */
async function statusOf(location: DatabaseLocation) {
  const applied = await readHistory(location)
  return migrationStatus({ applied: async () => [...applied] }, migrations)
}

function showStatus({ write }: CommandContext, status: Awaited<ReturnType<typeof statusOf>>): void {
  for (const id of status.applied) write(`applied  ${id}`)
  for (const { id } of status.pending) write(`pending  ${id}`)
  for (const id of status.unknown) write(`unknown  ${id}`)
}

function showDryRun(
  { write }: CommandContext,
  location: DatabaseLocation,
  pending: readonly Migration[],
): void {
  if (pending.length === 0) write('-- Nothing to do: the database is at this version.')
  else write(dryRun(location.kind, pending))
}

export const command = defineCommand({
  description: [
    'Applies every migration that the database does not have yet, in order. A migration is applied whole or not',
    'at all, so the command may be killed and run again; of two nodes that migrate together one waits.',
    'On PostgreSQL it needs OUTCRY_DATABASE_ADMIN_URL, the role that owns the tables.',
  ],
  options: {
    status: { type: 'boolean', summary: 'only lists applied and pending migrations' },
    'dry-run': { type: 'boolean', summary: 'only prints the SQL that would run' },
  },
  async run(context, { options }) {
    if (options.status && options['dry-run']) throw new UsageError('Give --status or --dry-run, not both.')
    const location = databaseLocation(loadConfig(context.env, context.cwd))
    const status = await statusOf(location)
    if (options.status) return showStatus(context, status)
    if (options['dry-run']) return showDryRun(context, location, status.pending)
    if (status.unknown.length > 0) {
      throw new MigrationError(
        'The database was migrated by a newer version; use that version or a newer one.',
      )
    }
    const connection = await openForMigration(location)
    const onApplied = (id: string) => context.write(`Applied ${id}.`)
    const applied = await migrate(connection, { migrations, tables, onApplied }).finally(() =>
      connection.close(),
    )
    if (applied.length === 0) context.write('Nothing to do: the database is at this version.')
  },
})
