import { resolve } from 'node:path'
import { loadMigratingUrl } from '../../config/config.ts'
import { wayProblem } from '../../config/database-way.ts'
import { databaseUrl, postgresUrl } from '../../config/kinds.ts'
import type { Secret } from '../../config/secrets.ts'
import { copyDatabase } from '../../platform/db/copy/copy-database.ts'
import type { DatabaseLocation } from '../../platform/db/index.ts'
import { isSameDatabase } from '../../platform/db/postgres/same-database.ts'
import { migrations, tables } from '../../schema.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { progressPrinter } from '../progress.ts'
import { UsageError } from '../usage-error.ts'

function locationOf({ cwd }: CommandContext, option: string, text: string): DatabaseLocation {
  const parsed = databaseUrl.parse(text)
  if (!parsed) throw new UsageError(`--${option} must be ${databaseUrl.expects}.`)
  if (parsed.kind === 'postgres') requireKnownWay(`--${option}`, parsed.url)
  return parsed.kind === 'sqlite'
    ? { kind: 'sqlite', path: resolve(cwd, parsed.path) }
    : { kind: 'postgres', url: parsed.url.reveal() }
}

function requireKnownWay(name: string, url: Secret): void {
  const problem = wayProblem(name, url)
  if (problem) throw new UsageError(problem)
}

type PostgresLocation = DatabaseLocation & { kind: 'postgres' }

/** The owning role's URL, and what to say when it is of another database than the target. */
function ownerOf(context: CommandContext, adminText: string | undefined): { url: Secret; mismatch: string } {
  const configured = loadMigratingUrl(context.env, context.cwd)
  const given = adminText === undefined ? configured : postgresUrl.parse(adminText)
  const advice = `--to-admin-url ${postgresUrl.expects}.`
  if (!given) {
    const what = adminText === undefined ? 'is missing' : 'cannot be read'
    throw new UsageError(`The role that owns the target's tables ${what}; give ${advice}`)
  }
  requireKnownWay(adminText === undefined ? 'OUTCRY_DATABASE_ADMIN_URL' : '--to-admin-url', given)
  const mismatch =
    adminText === undefined
      ? `OUTCRY_DATABASE_ADMIN_URL is of another database than --to; give the role that owns the target's tables with ${advice}`
      : '--to-admin-url and --to must name the same database, with a role each.'
  return { url: given, mismatch }
}

/** Nothing may be written anywhere else than where `--to` leads, whatever the owning role's URL says. */
async function withOwner(
  location: PostgresLocation,
  { url, mismatch }: ReturnType<typeof ownerOf>,
): Promise<DatabaseLocation> {
  if (!(await isSameDatabase(location.url, url.reveal()))) throw new UsageError(mismatch)
  return { ...location, adminUrl: url.reveal() }
}

async function targetOf(
  context: CommandContext,
  text: string,
  adminText: string | undefined,
): Promise<DatabaseLocation> {
  const location = locationOf(context, 'to', text)
  if (location.kind === 'postgres') return await withOwner(location, ownerOf(context, adminText))
  if (adminText !== undefined) throw new UsageError('--to-admin-url is for a PostgreSQL target only.')
  loadMigratingUrl(context.env, context.cwd) // a wrong setting is an error of every command
  return location
}

export const command = defineCommand({
  description: [
    'Copies every row of one database into another, empty one: from SQLite to PostgreSQL, back, or between two of',
    'a kind. The target is migrated first. Every row is read back and compared before the copy is kept; a copy',
    'that fails or is killed leaves the target empty, so it can simply be run again.',
    '',
    'Stop the server first: what is written to the source meanwhile is not copied. The key rings are no part of the',
    'database: the copy needs the same ones. Passwords in URLs can be seen by other users of this machine while the',
    'command runs; leave them out and use a PGPASSFILE.',
  ],
  options: {
    from: { type: 'string', value: 'URL', summary: 'sqlite:PATH or postgres://…', isRequired: true },
    to: { type: 'string', value: 'URL', summary: 'the same, of an empty database', isRequired: true },
    'to-admin-url': {
      type: 'string',
      value: 'URL',
      summary:
        'the role that owns the tables of a PostgreSQL target; OUTCRY_DATABASE_ADMIN_URL when left out',
    },
  },
  async run(context, { options }) {
    const from = locationOf(context, 'from', options.from)
    const to = await targetOf(context, options.to, options['to-admin-url'])
    const startedAt = performance.now()
    const copied = await copyDatabase(from, to, {
      schema: { tables, migrations },
      onProgress: progressPrinter(context.complain),
      signal: context.signal,
    })
    for (const { table, rows, checksum } of copied) {
      context.write(`${table}  ${rows.toLocaleString('en')} rows  checksum ${checksum.slice(0, 16)}`)
    }
    const rows = copied.reduce((sum, table) => sum + table.rows, 0)
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    context.write(`Copied and verified ${rows.toLocaleString('en')} rows in ${seconds} s.`)
  },
})
