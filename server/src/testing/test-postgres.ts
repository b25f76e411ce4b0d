import type { TestProject } from 'vitest/node'
import { createTestRoles, type PostgresUrls } from './postgres-roles.ts'
import { startPostgresServer } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: PostgresUrls
  }
}

/**
 * Vitest's global setup: one PostgreSQL for the whole run, at `inject('postgres')` in every test. It is the
 * server named by OUTCRY_TEST_POSTGRES_URL (an administrator's URL) when set, else one of our own.
 */
export default async function providePostgres(project: TestProject): Promise<() => Promise<void>> {
  const outside = process.env.OUTCRY_TEST_POSTGRES_URL
  if (outside) {
    project.provide('postgres', await createTestRoles(outside))
    return async () => {}
  }
  const server = await startPostgresServer()
  project.provide('postgres', await createTestRoles(server.adminUrl))
  return () => server.stop()
}
