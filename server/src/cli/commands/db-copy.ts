import { resolve } from 'node:path'
import { databaseUrl, postgresUrl } from '../../config/kinds.ts'
import { copyDatabase } from '../../platform/db/copy/copy-database.ts'
import type { DatabaseLocation } from '../../platform/db/index.ts'
import { migrations, tables } from '../../schema.ts'
import { type CommandContext, defineCommand } from '../command.ts'
import { progressPrinter } from '../progress.ts'
import { UsageError } from '../usage-error.ts'

function locationOf({ cwd }: CommandContext, option: string, text: string): DatabaseLocation {
  const parsed = databaseUrl.parse(text)
  if (!parsed) throw new UsageError(`--${option} must be ${databaseUrl.expects}.`)
  return parsed.kind === 'sqlite'
    ? { kind: 'sqlite', path: resolve(cwd, parsed.path) }
    : { kind: 'postgres', url: parsed.url.reveal() }
}

function targetOf(context: CommandContext, text: string, adminText: string | undefined): DatabaseLocation {
  const location = locationOf(context, 'to', text)
  if (location.kind === 'sqlite') {
    if (adminText !== undefined) throw new UsageError('--to-admin-url is for a PostgreSQL target only.')
    return location
  }
  const given = adminText ?? context.env.OUTCRY_DATABASE_ADMIN_URL
  const adminUrl = given === undefined ? undefined : postgresUrl.parse(given)
  if (adminUrl) return { ...location, adminUrl: adminUrl.reveal() }
  const what = given === undefined ? 'is missing' : 'cannot be read'
  throw new UsageError(
    `The role that owns the target's tables ${what}; give --to-admin-url ${postgresUrl.expects}.`,
  )
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
    const to = targetOf(context, options.to, options['to-admin-url'])
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
