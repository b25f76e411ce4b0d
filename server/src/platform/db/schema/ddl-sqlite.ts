import { columnDefinition, plainIndex, tableConstraints } from './ddl-parts.ts'
import { quoteName } from './quote.ts'
import type { AnyTable } from './table.ts'

/** The name of the FTS5 table that serves a `fullText` index. */
export const searchTableName = (table: string, column: string): string => `${table}_${column}_fts`

/**
 * An FTS5 index that reads its text from the table itself (https://www.sqlite.org/fts5.html section 4.4.3). Words come
 * already folded, so the tokenizer must not fold them again.
 */
function fullTextStatements(table: string, column: string): string[] {
  const fts = quoteName(searchTableName(table, column))
  const name = quoteName(column)
  const source = quoteName(table)
  const add = `insert into ${fts} (rowid, ${name}) values (new.rowid, new.${name});`
  const remove = `insert into ${fts} (${fts}, rowid, ${name}) values ('delete', old.rowid, old.${name});`
  const trigger = (event: string, suffix: string, body: string) =>
    `create trigger ${quoteName(`${searchTableName(table, column)}_${suffix}`)} after ${event} on ${source} begin ${body} end`
  return [
    `create virtual table ${fts} using fts5 (${name}, content=${source}, tokenize='unicode61 remove_diacritics 0')`,
    trigger('insert', 'insert', add),
    trigger('delete', 'delete', remove),
    trigger(`update of ${name}`, 'update', `${remove} ${add}`),
  ]
}

function appendOnlyStatements(table: string): string[] {
  return ['update', 'delete'].map(
    (event) =>
      `create trigger ${quoteName(`${table}_no_${event}`)} before ${event} on ${quoteName(table)} ` +
      `begin select raise(abort, '${table} is append-only'); end`,
  )
}

/** DDL of one declared table for SQLite. */
export function sqliteStatements(table: AnyTable): string[] {
  const columns = Object.entries(table.columns).map((column) =>
    columnDefinition('sqlite', table.name, column),
  )
  const body = [...columns, ...tableConstraints(table)].map((line) => `  ${line}`).join(',\n')
  return [
    `create table ${quoteName(table.name)} (\n${body}\n)`,
    ...table.indexes
      .filter(({ kind }) => kind === 'index' || kind === 'unique')
      .map((entry) => plainIndex(table, entry)),
    ...table.indexes
      .filter(({ kind }) => kind === 'fullText')
      .flatMap((entry) => entry.columns.flatMap((column) => fullTextStatements(table.name, column))),
    ...(table.isAppendOnly ? appendOnlyStatements(table.name) : []),
  ]
}
