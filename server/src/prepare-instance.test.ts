import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { loadConfig } from './config/config.ts'
import { systemClock } from './platform/clock.ts'
import type { DatabaseLocation } from './platform/db/index.ts'
import { prepareInstance } from './prepare-instance.ts'
import { migrations, tables } from './schema.ts'
import { createMigratedDatabase, createTestDatabase, type TestDatabase } from './testing/for-each-database.ts'
import { poolerTo } from './testing/pooler.ts'
import { connectTo } from './testing/postgres-client.ts'

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
  const admin = await connectTo(Object.assign(new URL(inject('postgres').adminUrl), { pathname }).href)
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
  const urlAs = (role: string) => Object.assign(new URL(url), { username: role, password: 'x' }).href
  return { admin, start, folder, url, urlAs, name: pathname.slice(1) }
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

  it('C77: takes back what default privileges gave, and is refused where nobody can', async () => {
    const { admin, start } = await spoilt(await createTestDatabase('postgres'))
    await admin.query(
      'alter default privileges for role outcry_migrator in schema public grant all on tables to outcry_app',
    )
    await start()
    const rights = async (table: string) => {
      const verbs = ['select', 'insert', 'update', 'delete', 'truncate']
      const { rows } = await admin.query<{ verb: string }>(
        `select verb from unnest($1::text[]) verb where has_table_privilege('outcry_app', $2, verb)`,
        [verbs, table],
      )
      return rows.map(({ verb }) => verb)
    }
    expect(await rights('audit_events')).toEqual(['select', 'insert'])
    expect(await rights('sessions')).toEqual(['select', 'insert', 'update', 'delete'])
    expect(await rights('outcry_migrations')).toEqual(['select'])
    await admin.query('grant update, delete on audit_events to outcry_app')
    await admin.query('grant insert on outcry_migrations to outcry_app')
    await expect(start({ OUTCRY_DATABASE_ADMIN_URL: '' })).rejects.toMatchObject({
      name: 'MigrationError',
      message: [
        'The serving role outcry_app may insert into outcry_migrations; revoke it.',
        'The serving role outcry_app may update and delete from audit_events; revoke it.',
      ].join('\n'),
    })
    await start()
    expect(await rights('audit_events')).toEqual(['select', 'insert'])
    expect(await rights('outcry_migrations')).toEqual(['select'])
  })

  it('C59: with a new serving role writes and migrates nothing before the keys are proven', async () => {
    const { admin, start, folder, urlAs } = await spoilt(
      await createMigratedDatabase('postgres', { tables, migrations }),
    )
    await start()
    const role = `fresh_${process.pid}`
    await admin.query(`create role ${role} login password 'x'`)
    onTestFinished(async () => {
      await admin.query(`drop owned by ${role}; drop role ${role}`)
    })
    const mayRead = async () => {
      const { rows } = await admin.query(`select has_table_privilege($1, 'users', 'select') as may`, [role])
      return Object(rows[0]).may
    }
    const served = { OUTCRY_DATABASE_URL: urlAs(role) }
    const elsewhere = join(folder, 'another folder')
    const keysFile = join(elsewhere, 'keys.json')
    await expect(start({ ...served, OUTCRY_DATA_DIR: elsewhere })).rejects.toMatchObject({
      name: 'KeyRingError',
      message: `The key ring ${keysFile} is missing, but the database is in use; put the file back.`,
    })
    expect(existsSync(keysFile)).toBe(false)
    expect(await mayRead()).toBe(false)
    await expect(start({ ...served, OUTCRY_DATABASE_ADMIN_URL: '' })).rejects.toMatchObject({
      name: 'MigrationError',
      message: `The serving role ${role} may not read the tables; start once with OUTCRY_DATABASE_ADMIN_URL, which gives it its rights.`,
    })
    expect(await mayRead()).toBe(false)
    await start(served)
    expect(await mayRead()).toBe(true)
  })

  it('goes through a pooler that calls the database otherwise, but to no other database', async () => {
    const { admin, start, url } = await spoilt(await createTestDatabase('postgres'))
    const other = await createTestDatabase('postgres')
    onTestFinished(other.drop)
    const theirs = postgresOf(other.location).url
    const alias = new URL(url).pathname.slice(1)
    for (const elsewhere of [theirs, await poolerTo(theirs, { alias })]) {
      await expect(start({ OUTCRY_DATABASE_URL: elsewhere })).rejects.toMatchObject({
        name: 'MigrationError',
        message:
          'OUTCRY_DATABASE_ADMIN_URL and OUTCRY_DATABASE_URL must lead to the same database, with a role each.',
      })
    }
    expect((await admin.query(countTables)).rows).toEqual([{ n: 0 }])
    await start({ OUTCRY_DATABASE_URL: await poolerTo(url, { alias: 'the pool' }) })
    expect((await admin.query(countTables)).rows).toEqual([{ n: tables.length + 1 }])
  })

  it('R18: is refused through a pooler that forgets our settings, until the role has them', async () => {
    const { admin, start, url, name } = await spoilt(
      await createMigratedDatabase('postgres', { tables, migrations }),
    )
    await admin.query(`alter database ${name} set synchronous_commit = off`)
    await admin.query(`alter database ${name} set timezone = 'Asia/Kolkata'`)
    await start()
    const pooled = await poolerTo(url, { alias: 'pool', ignored: ['options'] })
    const startThroughIt = () => start({ OUTCRY_DATABASE_URL: pooled })
    await expect(startThroughIt()).rejects.toMatchObject({
      name: 'MigrationError',
      message:
        'The connections of OUTCRY_DATABASE_URL have TimeZone=Asia/Kolkata, statement_timeout=0, lock_timeout=0, synchronous_commit=off and idle_in_transaction_session_timeout=0 instead of UTC, 5s, 2s, on and 10s; let their pooler pass on the start-up parameter "options", or alter the role outcry_app to have them.',
    })
    const set = (setting: string) => admin.query(`alter role outcry_app in database ${name} set ${setting}`)
    await set(`timezone = 'UTC'`)
    await set(`lock_timeout = '2s'`)
    await set(`statement_timeout = '5s'`)
    await set(`idle_in_transaction_session_timeout = '10s'`)
    await expect(startThroughIt()).rejects.toMatchObject({
      message:
        'The connections of OUTCRY_DATABASE_URL have synchronous_commit=off instead of on; let their pooler pass on the start-up parameter "options", or alter the role outcry_app to have them.',
    })
    await set('synchronous_commit = on')
    await startThroughIt()
  })
})
