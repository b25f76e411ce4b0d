import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { folderInMemory } from './memory-folder.ts'
import { createTestRoles, type PostgresUrls } from './postgres-roles.ts'
import { startPostgresServer } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: PostgresUrls
    /** A folder of this run for migrated SQLite files to copy. */
    templates: string
  }
}

/**
 * Vitest's global setup: one PostgreSQL for the whole run, at `inject('postgres')` in every test, and a folder for
 * templates. The server is the one named by OUTCRY_TEST_POSTGRES_URL (an administrator's URL) when set, else one of our own.
 * Temporary files of the run are kept in memory where it has room for them, unless TMPDIR says where they belong.
 */
export default async function provideDatabases(project: TestProject): Promise<() => Promise<void>> {
  const inMemory = process.env.TMPDIR === undefined ? folderInMemory() : undefined
  if (inMemory !== undefined) process.env.TMPDIR = inMemory
  const templates = await mkdtemp(join(tmpdir(), 'outcry-templates-'))
  project.provide('templates', templates)
  const outside = process.env.OUTCRY_TEST_POSTGRES_URL
  const server = outside ? undefined : await startPostgresServer()
  project.provide('postgres', await createTestRoles(outside ?? server?.adminUrl ?? ''))
  return async () => {
    await server?.stop()
    await rm(inMemory ?? templates, { recursive: true, force: true })
  }
}
