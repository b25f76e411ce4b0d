import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { loadConfig } from './config/config.ts'
import { systemClock } from './platform/clock.ts'
import type { DatabaseLocation } from './platform/db/index.ts'
import { prepareInstance } from './prepare-instance.ts'
import { migrations, tables } from './schema.ts'
import { createMigratedDatabase, createTestDatabase, type TestDatabase } from './testing/for-each-database.ts'

const postgresOf = (location: DatabaseLocation) => {
  if (location.kind !== 'postgres') throw new Error('not PostgreSQL')
  return location
}

/** A PostgreSQL that a test spoils as its superuser, and what a start says of it. */
async function spoilt({ location, drop }: TestDatabase) {
  onTestFinished(drop)
  const { url, adminUrl = '' } = postgresOf(location)
  const folder = await mkdtemp(join(tmpdir(), 'outcry prepare '))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { pathname } = new URL(url)
  const admin = new pg.Client({
    connectionString: Object.assign(new URL(inject('postgres').adminUrl), { pathname }).href,
  })
  await admin.connect()
  onTestFinished(() => admin.end())
  const env = {
    OUTCRY_DATA_DIR: folder,
    OUTCRY_DATABASE_URL: url,
    OUTCRY_DATABASE_ADMIN_URL: adminUrl,
  }
  const start = async (further: Record<string, string> = {}) => {
    const { db, keysFile } = await prepareInstance(loadConfig({ ...env, ...further }), systemClock)
    await db.close()
    return keysFile
  }
  return { admin, start, name: pathname.slice(1) }
}

const countTables = `select count(*)::int as n from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r'`

describe('a start on PostgreSQL', () => {
  it('C51: is refused when the serving role owns the database, and leaves it empty', async () => {
    const { admin, start, name } = await spoilt(await createTestDatabase('postgres'))
    await admin.query(`alter database ${name} owner to outcry_app`)
    await expect(start()).rejects.toMatchObject({
      name: 'MigrationError',
      message: [
        'The role outcry_migrator of OUTCRY_DATABASE_ADMIN_URL may not change the database (permission denied for schema public); let it own the database.',
        `The serving role outcry_app owns the database ${name}; let another role own that.`,
      ].join('\n'),
    })
    expect((await admin.query(countTables)).rows).toEqual([{ n: 0 }])
    await admin.query(`alter database ${name} owner to outcry_migrator`)
    await start()
    await admin.query(`alter database ${name} owner to outcry_app`)
    await expect(start({ OUTCRY_DATABASE_ADMIN_URL: '' })).rejects.toMatchObject({
      message: `The serving role outcry_app owns the database ${name}; let another role own that.`,
    })
  })

  it('C51: is refused by a policy that is not ours, and by a table without row security', async () => {
    const { admin, start } = await spoilt(await createMigratedDatabase('postgres', { tables, migrations }))
    await start()
    await admin.query('create policy leak on sessions using (true)')
    await admin.query('alter table user_credentials no force row level security')
    await expect(start()).rejects.toMatchObject({
      name: 'MigrationError',
      message: expect.stringMatching(
        /^(?=[\s\S]*The policy leak of the table sessions is not one of Outcry's; drop it\.)(?=[\s\S]*The table user_credentials does not enforce row security\.)[^\n]+\n[^\n]+$/,
      ),
    })
    await admin.query('drop policy leak on sessions')
    await admin.query('alter table user_credentials force row level security')
    await start()
  })
})
