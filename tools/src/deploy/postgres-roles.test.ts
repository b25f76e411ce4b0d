import { readFile } from 'node:fs/promises'
import { Client, escapeLiteral } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgresServer } from '../../../server/src/testing/postgres-server.ts'

const SCRIPT = new URL('../../../deploy/postgres/10-roles.sql', import.meta.url)
const PASSWORDS: Record<string, string> = { migrator_password: "m'igrator", app_password: 'a\\pp' }

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
      { rolname: 'outcry_migrator', ...nothing },
    ])
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
