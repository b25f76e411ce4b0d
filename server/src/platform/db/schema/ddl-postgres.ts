import { columnDefinition, plainIndex, tableConstraints } from './ddl-parts.ts'
import { quoteName } from './quote.ts'
import type { AnyTable } from './table.ts'

/** True in a transaction that the layer opened for the system itself. */
const IS_SYSTEM = `current_setting('app.system', true) = 'on'`

/** After a commit the setting is '' rather than NULL; both mean nobody. */
const MEMBER = `nullif(current_setting('app.uid', true), '')::uuid`

function policies(table: AnyTable): string[] {
  const name = quoteName(table.name)
  const policy = (suffix: string, rest: string) =>
    `create policy ${quoteName(`${table.name}_${suffix}`)} on ${name} ${rest}`
  const { access } = table
  const own = 'owner' in access ? `${quoteName(access.owner)} = ${MEMBER}` : ''
  return [
    `alter table ${name} enable row level security`,
    `alter table ${name} force row level security`,
    policy('system', `using (${IS_SYSTEM}) with check (${IS_SYSTEM})`),
    ...(own ? [policy('owner', `using (${own}) with check (${own})`)] : []),
    ...(access.kind === 'shared' ? [policy('read', 'for select using (true)')] : []),
    ...(access.kind === 'open' ? [policy('open', 'using (true) with check (true)')] : []),
    ...(access.kind === 'internal' ? [policy('add', 'for insert with check (true)')] : []),
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
