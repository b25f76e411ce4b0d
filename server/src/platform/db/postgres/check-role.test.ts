import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  createMigratedDatabase,
  migrationFor,
  type TestDatabase,
} from '../../../testing/for-each-database.ts'
import { defineTable, MigrationError, openForMigration, servingRoleProblems, uuid } from '../index.ts'

const vaults = defineTable(
  'vaults',
  { id: uuid().primaryKey(), user_id: uuid() },
  { access: { kind: 'private', owner: 'user_id' } },
)
const tables = [vaults]

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
    admin = new pg.Client({ connectionString: within.href })
    await admin.connect()
  })
  afterAll(async () => {
    await admin.end()
    await database.drop()
  })

  const as = (role: string) => Object.assign(new URL(url), { username: role, password: 'x' }).href
  const withRole = async (rights: string, check: (url: string) => Promise<void>) => {
    const role = `odd_${process.pid}`
    await admin.query(`create role ${role} login ${rights} password 'x'; grant all on vaults to ${role}`)
    try {
      await check(as(role))
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

  it('is named when it owns a table, and refused as the migrating role', async () => {
    expect(await servingRoleProblems(ownerUrl, tables)).toEqual([
      expect.stringMatching(/owns the table vaults/),
    ])
    const same = openForMigration({ kind: 'postgres', url: ownerUrl, adminUrl: ownerUrl })
    await expect(same).rejects.toThrow(MigrationError)
    await expect(openForMigration({ kind: 'postgres', url })).rejects.toThrow('OUTCRY_DATABASE_ADMIN_URL')
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
