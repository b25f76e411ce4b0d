import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, escapeLiteral } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgresServer } from '../../../server/src/testing/postgres-server.ts'
import { instanceOn } from '../../../server/src/testing/run-command.ts'

const SCRIPT = new URL('../../../deploy/postgres/10-roles.sql', import.meta.url)
const PASSWORDS: Record<string, string> = { migrator_password: "m'igrator", app_password: 'a\\pp' }

const READERS = ['outcry_backup', 'outcry_audit'] as const
type Reader = (typeof READERS)[number]
const ADA = ['--username', 'ada', '--email', 'ada@example.test', '--active']

let server: PostgresServer
let migrator: Client
let app: Client

beforeAll(async () => {
  server = await startPostgresServer()
  const admin = await connect('postgres', undefined, 'postgres')
  for (const statement of await readStatements()) await admin.query(statement)
  await admin.end()
  migrator = await connect('outcry_migrator', PASSWORDS.migrator_password, 'outcry')
  app = await connect('outcry_app', PASSWORDS.app_password, 'outcry')
})
afterAll(async () => {
  await Promise.all([migrator?.end(), app?.end()])
  await server?.stop()
})

describe('the roles that the PostgreSQL container makes', () => {
  it('let the migrator create tables and hand out rights on them', async () => {
    await migrator.query('CREATE TABLE kept (id integer)')
    await expect(app.query('SELECT * FROM kept')).rejects.toThrow('permission denied')
    await migrator.query('GRANT SELECT, INSERT ON kept TO outcry_app')
    await app.query('INSERT INTO kept VALUES (1)')
    expect((await app.query('SELECT id FROM kept')).rows).toEqual([{ id: 1 }])
  })

  it.each([
    'CREATE TABLE mine (id integer)',
    'CREATE TEMP TABLE mine (id integer)',
    'CREATE SCHEMA mine',
    'CREATE DATABASE mine',
    'CREATE ROLE mine',
  ])('refuse the app %s', async (statement) => {
    await expect(app.query(statement)).rejects.toThrow('permission denied')
  })

  it('keep both roles under row security and away from other databases and roles', async () => {
    const { rows } = await app.query(
      `SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole
         FROM pg_roles WHERE rolname LIKE 'outcry%' ORDER BY rolname`,
    )
    const nothing = { rolsuper: false, rolbypassrls: false, rolcreatedb: false, rolcreaterole: false }
    expect(rows).toEqual([
      { rolname: 'outcry_app', ...nothing },
      { rolname: 'outcry_audit', ...nothing },
      { rolname: 'outcry_backup', ...nothing },
      { rolname: 'outcry_migrator', ...nothing },
    ])
  })

  it('let nobody log in who only reads, before there is a password', async () => {
    for (const role of READERS)
      await expect(connect(role, 'any', 'outcry')).rejects.toThrow('password authentication failed')
  })
})

describe('the roles that only read', () => {
  const passwords = { outcry_backup: 'backup', outcry_audit: 'audit' } as const
  const urlAs = (user: string, password: string) =>
    Object.assign(new URL(server.adminUrl), { pathname: '/outcry', username: user, password }).href

  beforeAll(async () => {
    const admin = await connect('postgres', undefined, 'postgres')
    for (const role of READERS) await admin.query(`ALTER ROLE ${role} LOGIN PASSWORD '${passwords[role]}'`)
    await admin.end()
  })

  it('C55: back the whole instance up, or verify its log, and not the other way round', async () => {
    const adminUrl = urlAs('outcry_migrator', PASSWORDS.migrator_password ?? '')
    const url = urlAs('outcry_app', PASSWORDS.app_password ?? '')
    const { folder, run } = await instanceOn({ kind: 'postgres', url, adminUrl })
    const as = (role: Reader) => ({ env: { OUTCRY_DATABASE_URL: urlAs(role, passwords[role]) } })
    const stdin = 'quite a long pass phrase, 7'
    for (const words of [['migrate'], ['keys', 'init'], ['user', 'create', ...ADA]])
      expect(await run(words, { stdin })).toMatchObject({ code: 0 })
    const backup = await run(['backup', join(folder, 'backup')], as('outcry_backup'))
    expect(backup).toMatchObject({ code: 0, out: expect.stringMatching(/^Backed up/) })
    const checked = await run(['restore', join(folder, 'backup'), '--check'])
    expect(checked.out).toMatch(/^users +1 rows/m)
    const verified = await run(['audit', 'verify'], as('outcry_audit'))
    expect(verified.out).toMatch(/^\d+ entries are as they were written/m)
    const refused = await run(['backup', join(folder, 'another')], as('outcry_audit'))
    expect(refused.code).toBe(1)
    expect(existsSync(join(folder, 'another', 'manifest.json'))).toBe(false)
  })

  it.each(READERS)('C55: write nothing as %s, and see no more than they are for', async (role) => {
    const reader = await connect(role, passwords[role], 'outcry')
    await reader.query(`set app.system = 'on'`)
    const { rows } = await reader.query(
      `select table_name, privilege_type from information_schema.role_table_grants
       where grantee = current_user and table_schema = 'public'`,
    )
    expect(new Set(rows.map(({ privilege_type }) => privilege_type))).toEqual(new Set(['SELECT']))
    const seen = new Set(rows.map(({ table_name }) => table_name))
    if (role === 'outcry_audit') expect(seen).toEqual(new Set(['audit_events', 'audit_head']))
    else expect(seen).toContain('user_credentials')
    for (const statement of [
      'delete from audit_events',
      `update users set role = 'super_admin'`,
      'insert into audit_head values (2, 1, null)',
      'truncate users',
      'create table mine (id integer)',
      'set role outcry_migrator',
    ])
      await expect(reader.query(statement)).rejects.toThrow('permission denied')
    await reader.end()
  })
})

/** Does what psql does with the script: variables from the environment, quoted as literals. */
async function readStatements(): Promise<string[]> {
  const script = await readFile(SCRIPT, 'utf8')
  return script
    .replaceAll(/^(--|\\).*$/gm, '')
    .replaceAll(/:'(\w+)'/g, (_match, name: string) => escapeLiteral(PASSWORDS[name] ?? ''))
    .split(';')
    .filter((statement) => statement.trim() !== '')
}

async function connect(user: string, password: string | undefined, database: string): Promise<Client> {
  const url = new URL(server.adminUrl)
  const client = new Client({
    host: url.hostname,
    port: Number(url.port),
    user,
    password: password ?? url.password,
    database,
  })
  await client.connect()
  return client
}
