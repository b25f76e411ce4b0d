import { onPostgresAt } from './postgres-client.ts'
import { createTestRoles } from './postgres-roles.ts'
import { startPostgresServer } from './postgres-server.ts'

const DATABASE = 'outcry'

const server = await startPostgresServer()
const urls = await createTestRoles(server.adminUrl)
const create = `CREATE DATABASE ${DATABASE} OWNER outcry_migrator`
await onPostgresAt(urls.adminUrl, (admin) => admin.query(create))

process.stdout.write(`A throw-away PostgreSQL runs until Ctrl-C.

OUTCRY_DATABASE_ADMIN_URL=${toDatabase(urls.migratorUrl)}
OUTCRY_DATABASE_URL=${toDatabase(urls.appUrl)}
OUTCRY_TEST_POSTGRES_URL=${urls.adminUrl}
`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop())

function toDatabase(url: string): string {
  return Object.assign(new URL(url), { pathname: DATABASE }).href
}
