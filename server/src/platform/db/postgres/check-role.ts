import { HISTORY_TABLE } from '../migrate/migrator.ts'
import type { AnyTable } from '../schema/table.ts'
import { policyProblems } from './check-policies.ts'
import { connectClient } from './connect-client.ts'
import { connectionOf, SESSION_SETTINGS } from './connection-of.ts'
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

const VERBS = new Map([
  ['insert', 'insert into'],
  ['update', 'update'],
  ['delete', 'delete from'],
  ['truncate', 'truncate'],
])
const inWords = new Intl.ListFormat('en-GB', { type: 'conjunction' })

function excessProblems(serving: string, name: string, excess: readonly string[]): string[] {
  if (excess.length === 0) return []
  const verbs = inWords.format(excess.map((right) => VERBS.get(right) ?? right))
  return [`The serving role ${serving} may ${verbs} ${name}; revoke it.`]
}

function rightsProblems(serving: string, table: AnyTable, { rights, is_owned }: TableFacts): string[] {
  if (is_owned) return [] // which is a problem of its own
  const isExcess = (right: string) =>
    right === 'truncate' || (table.isAppendOnly === true && right !== 'insert')
  return excessProblems(serving, table.name, rights.filter(isExcess))
}

/** The migrator alone adds to the history; the serving role only reads it. */
function historyProblems(serving: string, found: TableFacts | undefined): string[] {
  return !found || found.is_owned ? [] : excessProblems(serving, HISTORY_TABLE, found.rights)
}

function tableProblems(serving: string, table: AnyTable, found: TableFacts | undefined): string[] {
  const { name } = table
  if (!found) return [`The table ${name} is not in the database; migrate it first.`]
  return [
    ...(found.is_secured ? [] : [`The table ${name} does not enforce row security.`]),
    ...rightsProblems(serving, table, found),
    ...policyProblems(table, found),
  ]
}

function settingProblems(serving: string, settings: ServingRoleFacts['settings']): string[] {
  const wrong = SESSION_SETTINGS.map(([name, wanted]) => ({
    name,
    wanted,
    found: settings[name] ?? '',
  })).filter(
    ({ wanted, found }) => found !== wanted && !found.startsWith(`${wanted},`), // as in `ISO, MDY`
  )
  if (wrong.length === 0) return []
  const have = inWords.format(wrong.map(({ name, found }) => `${name}=${found}`))
  const wanted = inWords.format(wrong.map((each) => each.wanted))
  return [
    `The connections of OUTCRY_DATABASE_URL have ${have} instead of ${wanted}; let their pooler pass on the start-up parameter "options", or alter the role ${serving} to have them.`,
  ]
}

function problemsOf(facts: ServingRoleFacts, tables: readonly AnyTable[]): string[] {
  const serving = facts.roles.find(({ is_serving }) => is_serving)
  if (!serving) return ['The serving role of OUTCRY_DATABASE_URL cannot be found in pg_roles.']
  const found = new Map(facts.tables.map((table) => [table.name, table]))
  return [
    ...settingProblems(serving.name, facts.settings),
    ...facts.roles.flatMap((role) => roleProblems(serving.name, role)),
    ...historyProblems(serving.name, found.get(HISTORY_TABLE)),
    ...tables.flatMap((table) => tableProblems(serving.name, table, found.get(table.name))),
  ]
}

/**
 * What is wrong with the serving role, its connection, the roles that it may become, or with the tables' row security and policies,
 * one sentence each; empty when members are isolated. The server refuses to start otherwise (controls C51 to C53).
 */
export async function servingRoleProblems(url: string, tables: readonly AnyTable[]): Promise<string[]> {
  const client = await connectClient(connectionOf(url))
  try {
    const names = tables.map(({ name }) => name)
    return problemsOf(await readServingRoleFacts(client, [HISTORY_TABLE, ...names]), tables)
  } catch (error) {
    throw translatePostgresError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
