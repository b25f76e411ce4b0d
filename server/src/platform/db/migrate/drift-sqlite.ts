import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { createStatements } from '../schema/ddl.ts'
import type { AnyTable } from '../schema/table.ts'
import { confine } from '../sqlite/confine.ts'
import { HISTORY_TABLE } from './migrator.ts'
import { type SchemaFacts, schemaDifferences } from './schema-facts.ts'

const squeeze = (sql: string): string => sql.replaceAll(/\s+/g, ' ').trim()

/** The named CHECK constraints of a CREATE TABLE text, which no PRAGMA tells. */
function checksOf(sql: string): [string, string][] {
  const checks: [string, string][] = []
  for (const match of sql.matchAll(/constraint "(\w+)" check \(/gi)) {
    const start = match.index + match[0].length
    let depth = 1
    let end = start
    for (; depth > 0 && end < sql.length; end++) depth += sql[end] === '(' ? 1 : sql[end] === ')' ? -1 : 0
    checks.push([match[1] ?? '', squeeze(sql.slice(start, end - 1))])
  }
  return checks
}

/** Foreign keys with all their columns in order, which PRAGMA tells one column a row. */
function foreignKeysOf(table: string, rows: readonly Record<string, SQLOutputValue>[]): [string, string][] {
  const keys = Map.groupBy(
    rows.toSorted((one, other) => Number(one.seq) - Number(other.seq)),
    ({ id }) => id,
  )
  return [...keys.values()].map((columns) => [
    `${table}: foreign key ${columns.map(({ from }) => from).join(', ')}`,
    `${columns[0]?.table} (${columns.map(({ to }) => to).join(', ')}) on delete ${columns[0]?.on_delete}`,
  ])
}

function tableFacts(database: DatabaseSync, table: string, sql: string): [string, string][] {
  const rows = (pragma: string) => database.prepare(`pragma ${pragma}("${table}")`).all()
  return [
    ...rows('table_xinfo').map(({ name, type, notnull, dflt_value, pk }): [string, string] => [
      `${table}.${name}`,
      `${type} notnull=${notnull} default=${dflt_value} pk=${pk}`,
    ]),
    ...foreignKeysOf(table, rows('foreign_key_list')),
    ...checksOf(sql).map(([name, check]): [string, string] => [`${table}: check ${name}`, check]),
    [`${table}: checks`, String([...sql.matchAll(/\bcheck\s*\(/gi)].length)],
    [`${table}: unique constraints`, String([...sql.matchAll(/\bunique\b/gi)].length)],
  ]
}

function factsOf(database: DatabaseSync): SchemaFacts {
  const objects = database
    .prepare(
      `select type, name, tbl_name, sql from sqlite_schema where name not like 'sqlite!_%' escape '!' and tbl_name <> ?`,
    )
    .all(HISTORY_TABLE)
  const facts = objects.flatMap(({ type, name, tbl_name, sql }): [string, string][] => {
    const isPlainTable =
      type === 'table' &&
      !/^create virtual/i.test(String(sql)) &&
      !/_fts(?:_(?:data|idx|content|docsize|config))?$/.test(String(name))
    if (isPlainTable) return tableFacts(database, String(name), String(sql))
    return [[`${tbl_name}: ${type} ${name}`, squeeze(String(sql))]]
  })
  return new Map(facts)
}

/** Compares an SQLite file with the declarations, by building them anew in memory. Reads only. */
export async function sqliteDrift(path: string, tables: readonly AnyTable[]): Promise<string[]> {
  const actual = new DatabaseSync(path, { readOnly: true })
  const scratch = new DatabaseSync(':memory:')
  try {
    confine(actual)
    for (const sql of tables.flatMap((table) => createStatements('sqlite', table))) scratch.exec(sql)
    return schemaDifferences(factsOf(scratch), factsOf(actual))
  } finally {
    scratch.close()
    actual.close()
  }
}
