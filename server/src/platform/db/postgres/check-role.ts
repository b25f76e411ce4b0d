import pg from 'pg'
import type { AnyTable } from '../schema/table.ts'
import { translatePostgresError } from './postgres-errors.ts'

interface RoleFacts {
  readonly rolname: string
  readonly rolsuper: boolean
  readonly rolbypassrls: boolean
}

interface TableFacts {
  readonly relname: string
  readonly owned: boolean
  readonly secured: boolean
  readonly truncates: boolean
}

const ROLE_FACTS = 'select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user'

const TABLE_FACTS = `
  select c.relname, pg_has_role(current_user, c.relowner, 'usage') as owned,
    c.relrowsecurity and c.relforcerowsecurity as secured,
    has_table_privilege(c.oid, 'truncate') as truncates
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relname = any($1)`

function problemsOf(
  role: RoleFacts | undefined,
  tables: readonly TableFacts[],
  expected: readonly string[],
): string[] {
  const missing = expected.filter((name) => !tables.some(({ relname }) => relname === name))
  if (!role) return ['The serving role of OUTCRY_DATABASE_URL cannot be found in pg_roles.']
  const name = role.rolname
  return [
    ...(role.rolsuper ? [`The serving role ${name} is a superuser; make it NOSUPERUSER.`] : []),
    ...(role.rolbypassrls ? [`The serving role ${name} bypasses row security; make it NOBYPASSRLS.`] : []),
    ...missing.map((table) => `The table ${table} is not in the database; migrate it first.`),
    ...tables.flatMap(({ relname, owned, secured, truncates }) => [
      ...(owned ? [`The serving role ${name} owns the table ${relname}; let another role own it.`] : []),
      ...(secured ? [] : [`The table ${relname} does not enforce row security.`]),
      ...(truncates && !owned ? [`The serving role ${name} may truncate ${relname}; revoke it.`] : []),
    ]),
  ]
}

/**
 * What is wrong with the serving role or with the tables' row security, one sentence each; empty when members are
 * isolated. The server refuses to start otherwise (controls C51 to C53).
 */
export async function servingRoleProblems(url: string, tables: readonly AnyTable[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    const role = await client.query<RoleFacts>(ROLE_FACTS)
    const names = tables.map(({ name }) => name)
    const facts = await client.query<TableFacts>(TABLE_FACTS, [names])
    return problemsOf(role.rows[0], facts.rows, names)
  } catch (error) {
    throw translatePostgresError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
