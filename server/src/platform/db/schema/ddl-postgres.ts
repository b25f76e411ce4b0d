import { columnDefinition, plainIndex, tableConstraints } from './ddl-parts.ts'
import { quoteName } from './quote.ts'
import type { AnyTable } from './table.ts'

/** True in a transaction that the layer opened for the system itself. */
const IS_SYSTEM = `current_setting('app.system', true) = 'on'`

/** After a commit the setting is '' rather than NULL; both mean nobody. */
const MEMBER = `nullif(current_setting('app.uid', true), '')::uuid`

/** A policy of a table: every one is permissive and for every role. */
export interface PolicyDeclaration {
  readonly name: string
  readonly command: 'all' | 'select' | 'insert'
  readonly using?: string
  readonly check?: string
}

/** The policies that a table's access comes down to. */
export function declaredPolicies({ name, access }: AnyTable): PolicyDeclaration[] {
  const policy = (suffix: string, rest: Omit<PolicyDeclaration, 'name'>) => ({
    name: `${name}_${suffix}`,
    ...rest,
  })
  const own = 'owner' in access ? `${quoteName(access.owner)} = ${MEMBER}` : ''
  return [
    policy('system', { command: 'all', using: IS_SYSTEM, check: IS_SYSTEM }),
    ...(own ? [policy('owner', { command: 'all', using: own, check: own })] : []),
    ...(access.kind === 'shared' ? [policy('read', { command: 'select', using: 'true' })] : []),
    ...(access.kind === 'open' ? [policy('open', { command: 'all', using: 'true', check: 'true' })] : []),
    ...(access.kind === 'internal' ? [policy('add', { command: 'insert', check: 'true' })] : []),
  ]
}

function policyStatement(table: AnyTable, { name, command, using, check }: PolicyDeclaration): string {
  const clauses = [
    ...(command === 'all' ? [] : [`for ${command}`]),
    ...(using === undefined ? [] : [`using (${using})`]),
    ...(check === undefined ? [] : [`with check (${check})`]),
  ]
  return `create policy ${quoteName(name)} on ${quoteName(table.name)} ${clauses.join(' ')}`
}

function policies(table: AnyTable): string[] {
  const name = quoteName(table.name)
  return [
    `alter table ${name} enable row level security`,
    `alter table ${name} force row level security`,
    ...declaredPolicies(table).map((policy) => policyStatement(table, policy)),
  ]
}

/** The tsvector of already folded words, which bypasses PostgreSQL's own parser; used by the index and by every query. */
export const wordsVector = (column: string): string => `array_to_tsvector(string_to_array(${column}, ' '))`

/** DDL of one declared table for PostgreSQL, row security included. */
export function postgresStatements(table: AnyTable): string[] {
  const columns = Object.entries(table.columns).map((column) =>
    columnDefinition('postgres', table.name, column),
  )
  const body = [...columns, ...tableConstraints(table)].map((line) => `  ${line}`).join(',\n')
  const indexes = table.indexes.map((entry) => {
    if (entry.kind === 'index' || entry.kind === 'unique') return plainIndex(table, entry)
    const columnName = quoteName(entry.columns[0] ?? '')
    const target = entry.kind === 'gin' ? columnName : `(${wordsVector(columnName)})`
    return `create index ${quoteName(entry.name)} on ${quoteName(table.name)} using gin (${target})`
  })
  return [`create table ${quoteName(table.name)} (\n${body}\n)`, ...indexes, ...policies(table)]
}

/** What the serving role may do with a table; it owns nothing and never truncates. */
export function grantStatement(table: AnyTable, role: string): string {
  const verbs = table.isAppendOnly ? 'select, insert' : 'select, insert, update, delete'
  return `grant ${verbs} on ${quoteName(table.name)} to ${quoteName(role)}`
}

/** What default privileges may have given the serving role beyond that, to be taken back. */
export function revokeStatement(table: AnyTable, role: string): string {
  const verbs = table.isAppendOnly ? 'update, delete, truncate' : 'truncate'
  return `revoke ${verbs} on ${quoteName(table.name)} from ${quoteName(role)}`
}

/** Lets a role read these tables, and takes every other right in all `of` them. */
export function readerStatements(
  role: string,
  tables: { readonly reads: readonly string[]; readonly of: readonly string[] },
): string[] {
  const list = (names: readonly string[]) => names.map(quoteName).join(', ')
  return [
    `revoke all on ${list(tables.of)} from ${quoteName(role)}`,
    `grant usage on schema public to ${quoteName(role)}`,
    `grant select on ${list(tables.reads)} to ${quoteName(role)}`,
  ]
}
