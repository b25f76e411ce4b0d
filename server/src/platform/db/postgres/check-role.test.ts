import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  createMigratedDatabase,
  migrationFor,
  type TestDatabase,
} from '../../../testing/for-each-database.ts'
import { connectTo } from '../../../testing/postgres-client.ts'
import { defineTable, MigrationError, openForMigration, servingRoleProblems, text, uuid } from '../index.ts'

const vaults = defineTable(
  'vaults',
  { id: uuid().primaryKey(), user_id: uuid() },
  { access: { kind: 'private', owner: 'user_id' } },
)
const entries = defineTable(
  'entries',
  { id: uuid().primaryKey(), line: text(20) },
  { access: { kind: 'internal' }, isAppendOnly: true },
)
const tables = [vaults, entries]

describe('the serving role', () => {
  let database: TestDatabase
  let url: string
  let ownerUrl: string
  let admin: pg.Client

  beforeAll(async () => {
    database = await createMigratedDatabase('postgres', { tables, migrations: [migrationFor(tables)] })
    if (database.location.kind !== 'postgres') throw new Error('not PostgreSQL')
    url = database.location.url
    ownerUrl = database.location.adminUrl ?? ''
    const within = Object.assign(new URL(inject('postgres').adminUrl), { pathname: new URL(url).pathname })
    admin = await connectTo(within.href)
  })
  afterAll(async () => {
    await admin.end()
    await database.drop()
  })

  const as = (role: string) => Object.assign(new URL(url), { username: role, password: 'x' }).href
  const withRole = async (rights: string, check: (url: string, role: string) => Promise<void>) => {
    const role = `odd_${process.pid}`
    await admin.query(`create role ${role} login ${rights} password 'x'; grant all on vaults to ${role}`)
    try {
      await check(as(role), role)
    } finally {
      await admin.query(`drop owned by ${role}; drop role ${role}`)
    }
  }

  it('has no problems when it serves and nothing more', async () => {
    expect(await servingRoleProblems(url, tables)).toEqual([])
  })

  it('is named when it is a superuser', async () => {
    await withRole('superuser', async (odd) => {
      expect(await servingRoleProblems(odd, tables)).toContainEqual(expect.stringMatching(/is a superuser/))
    })
  })

  it('is named when it bypasses row security or may truncate', async () => {
    await withRole('bypassrls', async (odd) => {
      expect(await servingRoleProblems(odd, tables)).toEqual([
        expect.stringMatching(/bypasses row security/),
        expect.stringMatching(/may truncate vaults/),
      ])
    })
  })

  it.each<readonly [string, readonly string[]]>([
    ['grant update on entries to ROLE', ['update entries']],
    ['grant update (line) on entries to ROLE', ['update entries']],
    ['grant delete on entries to ROLE', ['delete from entries']],
    ['grant all on entries to ROLE', ['update, delete from and truncate entries']],
    ['grant update, delete on entries to public', ['update and delete from entries']],
    ['grant insert on outcry_migrations to ROLE', ['insert into outcry_migrations']],
    ['grant insert (id) on outcry_migrations to ROLE', ['insert into outcry_migrations']],
    ['grant update (checksum) on outcry_migrations to ROLE', ['update outcry_migrations']],
    [
      'grant all on outcry_migrations to ROLE',
      ['insert into, update, delete from and truncate outcry_migrations'],
    ],
    ['grant delete on outcry_migrations to public', ['delete from outcry_migrations']],
    [
      'grant pg_write_all_data to ROLE',
      ['insert into, update and delete from outcry_migrations', 'update and delete from entries'],
    ],
    [
      'create role ROLE_group; grant delete on entries to ROLE_group; grant ROLE_group to ROLE',
      ['delete from entries'],
    ],
  ])('C77: is named when it may change a table that only grows: %s', async (grant, changes) => {
    await withRole('noinherit', async (odd, role) => {
      await admin.query(`revoke truncate on vaults from ${role}; ${grant.replaceAll('ROLE', role)}`)
      const problems = await servingRoleProblems(odd, tables)
      await admin.query('revoke all on entries, outcry_migrations from public')
      if (grant.includes('_group')) await admin.query(`drop owned by ${role}_group; drop role ${role}_group`)
      expect(problems).toEqual(changes.map((change) => `The serving role ${role} may ${change}; revoke it.`))
    })
    expect(await servingRoleProblems(url, tables)).toEqual([])
  })

  it('is named when it owns a table, and refused as the migrating role', async () => {
    expect(await servingRoleProblems(ownerUrl, tables)).toEqual([
      'The serving role outcry_migrator may make databases; make it NOCREATEDB.',
      expect.stringMatching(
        /^The serving role outcry_migrator owns the database t_\w+, the table .*; let another role own that\.$/,
      ),
    ])
    const same = openForMigration({ kind: 'postgres', url: ownerUrl, adminUrl: ownerUrl })
    await expect(same).rejects.toThrow(MigrationError)
    await expect(openForMigration({ kind: 'postgres', url })).rejects.toThrow('OUTCRY_DATABASE_ADMIN_URL')
  })

  it.each([
    ['createrole', 'may make roles; make it NOCREATEROLE'],
    ['createdb', 'may make databases; make it NOCREATEDB'],
    ['replication', 'may replicate every row; make it NOREPLICATION'],
  ])('is named when it has the right %s', async (right, problem) => {
    await withRole(right, async (odd, role) => {
      await admin.query(`revoke truncate on vaults from ${role}`)
      expect(await servingRoleProblems(odd, tables)).toEqual([`The serving role ${role} ${problem}.`])
    })
  })

  it.each([
    ['table', 'create table odd_thing (id int)', 'public.odd_thing'],
    ['function', `create function odd_thing() returns int language sql as 'select 1'`, 'public.odd_thing()'],
    ['schema', 'create schema odd_thing', 'odd_thing'],
    ['database', undefined, ''],
  ])('is named when it owns a %s', async (kind, create, thing) => {
    await withRole('', async (odd, role) => {
      await admin.query(`revoke truncate on vaults from ${role}`)
      const name = kind === 'database' ? new URL(url).pathname.slice(1) : thing
      if (create) await admin.query(create)
      await admin.query(`alter ${kind} ${name} owner to ${role}`)
      const problems = await servingRoleProblems(odd, tables)
      await admin.query(`alter ${kind} ${name} owner to outcry_migrator`)
      if (create) await admin.query(`drop ${kind} ${name}`)
      expect(problems).toEqual([
        `The serving role ${role} owns the ${kind} ${name}; let another role own that.`,
      ])
    })
  })

  it.each([
    ['superuser', 'is a superuser'],
    ['bypassrls', 'bypasses row security'],
    ['createrole', 'may make roles'],
  ])('is named when it may become a role with %s, over another role too', async (right, what) => {
    await withRole('noinherit', async (odd, role) => {
      await admin.query(`revoke truncate on vaults from ${role}`)
      await admin.query(`create role ${role}_high ${right}; create role ${role}_low in role ${role}_high`)
      await admin.query(`grant ${role}_low to ${role}`)
      const problems = await servingRoleProblems(odd, tables)
      await admin.query(`drop role ${role}_high, ${role}_low`)
      expect(problems).toEqual([
        `The serving role ${role} is a member of ${role}_high, which ${what}; take it out of that role.`,
      ])
    })
  })

  it('is named when it may become the role that owns the tables', async () => {
    await withRole('noinherit', async (odd, role) => {
      await admin.query(`revoke truncate on vaults from ${role}; grant outcry_migrator to ${role}`)
      const member = `The serving role ${role} is a member of outcry_migrator, which`
      expect(await servingRoleProblems(odd, tables)).toEqual([
        `${member} may make databases; take it out of that role.`,
        expect.stringMatching(new RegExp(`^${member} owns the database .*; take it out of that role\\.$`)),
      ])
    })
  })

  it('has no problems with temporary tables, default privileges and a role that only groups', async () => {
    await withRole('', async (odd, role) => {
      await admin.query(`revoke truncate on vaults from ${role}`)
      await admin.query(`create role ${role}_group; grant ${role}_group to ${role}`)
      const session = await connectTo(odd)
      await session.query('create temporary table mine (id serial primary key, words text)')
      await session.query('alter default privileges grant select on tables to outcry_migrator')
      const problems = await servingRoleProblems(odd, tables)
      await session.end()
      await admin.query(`drop role ${role}_group`)
      expect(problems).toEqual([])
    })
  })

  it('is refused a table with a policy that is not ours, or without one of ours, or with one that was changed', async () => {
    const own = `user_id = nullif(current_setting('app.uid', true), '')::uuid`
    const spoilt: readonly (readonly [string, string, string])[] = [
      ['create policy leak on vaults using (true)', 'drop policy leak on vaults', 'leak'],
      [
        'alter policy vaults_owner on vaults using (true)',
        `alter policy vaults_owner on vaults using (${own})`,
        '',
      ],
      [
        'alter policy vaults_owner on vaults with check (true)',
        `alter policy vaults_owner on vaults with check (${own})`,
        '',
      ],
      [
        'alter policy vaults_owner on vaults to outcry_migrator',
        'alter policy vaults_owner on vaults to public',
        '',
      ],
      [
        'drop policy vaults_owner on vaults',
        `create policy vaults_owner on vaults using (${own}) with check (${own})`,
        'missing',
      ],
    ]
    for (const [spoil, mend, what] of spoilt) {
      await admin.query(spoil)
      const problems = await servingRoleProblems(url, tables)
      await admin.query(mend)
      const changed = what === 'missing' ? 'is missing' : 'was changed'
      expect(problems, spoil).toEqual([
        what === 'leak'
          ? "The policy leak of the table vaults is not one of Outcry's; drop it."
          : `The policy vaults_owner of the table vaults ${changed}; put it back as it was.`,
      ])
    }
    expect(await servingRoleProblems(url, tables)).toEqual([])
  })

  it('is refused a table without row security, or without FORCE', async () => {
    for (const change of ['disable row level security', 'no force row level security']) {
      await admin.query(`alter table vaults ${change}`)
      expect(await servingRoleProblems(url, tables)).toEqual([
        'The table vaults does not enforce row security.',
      ])
      await admin.query(
        'alter table vaults enable row level security; alter table vaults force row level security',
      )
    }
    expect(await servingRoleProblems(url, tables)).toEqual([])
  })

  it('is refused a table that is not there', async () => {
    const missing = defineTable('missing', { id: uuid().primaryKey() }, { access: { kind: 'system' } })
    expect(await servingRoleProblems(url, [vaults, missing])).toEqual([
      'The table missing is not in the database; migrate it first.',
    ])
  })
})
