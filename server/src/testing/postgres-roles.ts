import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { onPostgresAt } from './postgres-client.ts'

/**
 * The ways into a test cluster; each names the database `postgres`, which tests replace by their own.
 * `migratorUrl` may create databases and owns what it creates; `appUrl` serves: no superuser, never past row
 * security, owner of nothing.
 */
export type PostgresUrls = { adminUrl: string; migratorUrl: string; appUrl: string }

const LOCK_ID = 7_239_104 // any number that nothing else on a test cluster locks

/** Creates, or puts right, the two roles. Safe from two test runs at once on the same cluster. */
export async function createTestRoles(adminUrl: string): Promise<PostgresUrls> {
  return await onPostgresAt(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [LOCK_ID])
    const migratorUrl = await ensureRole(admin, adminUrl, 'outcry_migrator')
    const appUrl = await ensureRole(admin, adminUrl, 'outcry_app')
    return { adminUrl, migratorUrl, appUrl }
  })
}

const RIGHTS = {
  outcry_migrator: 'LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS',
  outcry_app: 'LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS',
}

async function ensureRole(admin: Client, adminUrl: string, role: keyof typeof RIGHTS): Promise<string> {
  const password = derivePassword(adminUrl, role)
  const { rowCount } = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER'
  await admin.query(`${verb} ROLE ${role} ${RIGHTS[role]} PASSWORD '${password}'`)
  const url = new URL(adminUrl)
  url.username = role
  url.password = password
  return url.href
}

// Note: derived, so that two runs on one cluster agree on it and nobody without the admin's URL can guess it.
function derivePassword(adminUrl: string, role: string): string {
  return createHash('sha256').update(`${role} ${adminUrl}`).digest('base64url')
}
