import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type DatabaseLocation,
  databaseDrift,
  migrationStatus,
  openDatabase,
  servingRoleProblems,
} from '../../platform/db/index.ts'
import { readHistory } from '../../platform/db/migrate/read-history.ts'
import { migrations, tables } from '../../schema.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Whether there is a database that answers; without one, nothing else about it can be looked at. */
export async function databaseFinding(location: DatabaseLocation): Promise<Finding> {
  if (location.kind === 'sqlite' && !existsSync(location.path)) {
    return warn('database', `There is no database at ${location.path} yet; the first start makes one.`)
  }
  const db = openDatabase(location)
  try {
    await db.ping()
    return ok(
      'database',
      location.kind === 'sqlite' ? `SQLite answers (${location.path}).` : 'PostgreSQL answers.',
    )
  } finally {
    await db.close()
  }
}

/** Who may reach rows past the application: other users of the machine, or the serving role. */
export async function roleFindings(location: DatabaseLocation): Promise<Finding[]> {
  if (location.kind === 'sqlite') {
    const isOpen = [location.path, dirname(location.path)].some((path) => (statSync(path).mode & 0o077) !== 0)
    if (process.platform === 'win32' || !isOpen)
      return [ok('role', 'Only this user can reach the database file.')]
    return [
      warn(
        'role',
        `Other users can reach the database or its folder; run chmod 700 ${dirname(location.path)}.`,
      ),
    ]
  }
  const problems = await servingRoleProblems(location.url, tables)
  if (problems.length > 0) return problems.map((problem) => fail('role', problem))
  return [ok('role', 'The serving role owns nothing and cannot see past row security.')]
}

/** Whether the database is at this version. */
export async function migrationFinding(location: DatabaseLocation): Promise<Finding> {
  const applied = await readHistory(location)
  const { pending, unknown } = await migrationStatus({ applied: async () => [...applied] }, migrations)
  if (unknown.length > 0) {
    return fail(
      'migrations',
      'The database was migrated by a newer version; run that version or a newer one.',
    )
  }
  if (pending.length > 0) {
    return warn('migrations', `${pending.length} migrations are waiting; the next start applies them.`)
  }
  return ok('migrations', `All ${applied.length} migrations are applied.`)
}

/** Whether the tables are as this version declares them. */
export async function schemaFindings(location: DatabaseLocation): Promise<Finding[]> {
  if (location.kind === 'postgres' && location.adminUrl === undefined) {
    return [warn('schema', 'Tables were not compared: that needs OUTCRY_DATABASE_ADMIN_URL.')]
  }
  const differences = await databaseDrift(location, tables)
  if (differences.length > 0) return differences.map((difference) => fail('schema', difference))
  return [ok('schema', 'Every table, index and policy is as this version declares it.')]
}
