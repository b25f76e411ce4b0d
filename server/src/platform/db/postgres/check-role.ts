import pg from 'pg'
import type { AnyTable } from '../schema/table.ts'
import { policyProblems } from './check-policies.ts'
import { connectionOf } from './connection-of.ts'
import { translatePostgresError } from './postgres-errors.ts'
import {
  type RoleFacts,
  readServingRoleFacts,
  type ServingRoleFacts,
  type TableFacts,
} from './serving-role-facts.ts'

const NAMED = 3 // objects in one sentence

function objectsOf({ owns }: RoleFacts): string {
  const named = owns.slice(0, NAMED).map((object) => `the ${object}`)
  const more = owns.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

/** What a role is that the serving role must not be, and how to mend it when it is the serving role itself. */
function rightsOf(role: RoleFacts): { readonly what: string; readonly mend: string }[] {
  if (role.is_superuser) return [{ what: 'is a superuser', mend: 'make it NOSUPERUSER' }]
  return [
    ...(role.bypasses ? [{ what: 'bypasses row security', mend: 'make it NOBYPASSRLS' }] : []),
    ...(role.makes_roles ? [{ what: 'may make roles', mend: 'make it NOCREATEROLE' }] : []),
    ...(role.makes_databases ? [{ what: 'may make databases', mend: 'make it NOCREATEDB' }] : []),
    ...(role.replicates ? [{ what: 'may replicate every row', mend: 'make it NOREPLICATION' }] : []),
    ...(role.reaches_files ? [{ what: "reaches the database server's files", mend: 'revoke it' }] : []),
    ...(role.owns.length > 0 ? [{ what: `owns ${objectsOf(role)}`, mend: 'let another role own that' }] : []),
  ]
}

function roleProblems(serving: string, role: RoleFacts): string[] {
  return rightsOf(role).map(({ what, mend }) =>
    role.is_serving
      ? `The serving role ${serving} ${what}; ${mend}.`
      : `The serving role ${serving} is a member of ${role.name}, which ${what}; take it out of that role.`,
  )
}

function tableProblems(serving: string, table: AnyTable, found: TableFacts | undefined): string[] {
  const { name } = table
  if (!found) return [`The table ${name} is not in the database; migrate it first.`]
  const { is_secured, may_truncate, is_owned } = found
  return [
    ...(is_secured ? [] : [`The table ${name} does not enforce row security.`]),
    ...(may_truncate && !is_owned ? [`The serving role ${serving} may truncate ${name}; revoke it.`] : []),
    ...policyProblems(table, found),
  ]
}

function problemsOf(facts: ServingRoleFacts, tables: readonly AnyTable[]): string[] {
  const serving = facts.roles.find(({ is_serving }) => is_serving)
  if (!serving) return ['The serving role of OUTCRY_DATABASE_URL cannot be found in pg_roles.']
  const found = new Map(facts.tables.map((table) => [table.name, table]))
  return [
    ...facts.roles.flatMap((role) => roleProblems(serving.name, role)),
    ...tables.flatMap((table) => tableProblems(serving.name, table, found.get(table.name))),
  ]
}

/**
 * What is wrong with the serving role, with the roles that it may become, or with the tables' row security and policies,
 * one sentence each; empty when members are isolated. The server refuses to start otherwise (controls C51 to C53).
 */
export async function servingRoleProblems(url: string, tables: readonly AnyTable[]): Promise<string[]> {
  const client = new pg.Client(connectionOf(url))
  try {
    await client.connect()
    const names = tables.map(({ name }) => name)
    return problemsOf(await readServingRoleFacts(client, names), tables)
  } catch (error) {
    throw translatePostgresError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
