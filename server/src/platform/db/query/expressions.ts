import { type AliasableExpression, type Expression, sql } from 'kysely'
import { Type } from 'typebox'
import { QueryDefinitionError } from '../errors.ts'
import { array, type Column, column, text } from '../schema/column.ts'
import { jsonbType } from '../schema/composite-types.ts'
import { wordsVector } from '../schema/ddl-postgres.ts'
import { searchTableName } from '../schema/ddl-sqlite.ts'
import type { AnyTable } from '../schema/table.ts'
import { portable, value } from './marks.ts'
import { containsPattern, startsWithPattern, wordsQueryType } from './pattern-types.ts'

/** A column of a declared table, for expressions that the engines write differently. */
export interface TableColumn {
  readonly table: AnyTable
  readonly column: string
}

function declared(at: TableColumn): Column<unknown, unknown> {
  const found = at.table.columns[at.column]
  if (!found) throw new QueryDefinitionError(`Table ${at.table.name} has no column ${at.column}.`)
  return found
}

const reference = (at: TableColumn): Expression<unknown> => sql.ref(`${at.table.name}.${at.column}`)

/** The array column holds every one of `items`. A `gin` index serves it on PostgreSQL. */
export function arrayContains(
  at: TableColumn,
  items: readonly (string | number)[],
): AliasableExpression<boolean> {
  const list = value<unknown>(declared(at), items)
  return portable({
    postgres: sql`${reference(at)} @> ${list}`,
    sqlite: sql`not exists (select 1 from json_each(${list}) as wanted where wanted.value not in (select value from json_each(${reference(at)})))`,
  })
}

/** The array column and `items` have an item in common. A `gin` index serves it on PostgreSQL. */
export function arrayOverlaps(
  at: TableColumn,
  items: readonly (string | number)[],
): AliasableExpression<boolean> {
  const list = value<unknown>(declared(at), items)
  return portable({
    postgres: sql`${reference(at)} && ${list}`,
    sqlite: sql`exists (select 1 from json_each(${list}) as wanted where wanted.value in (select value from json_each(${reference(at)})))`,
  })
}

function jsonPath(path: readonly string[]): string {
  for (const step of path) {
    if (!/^\w+$/.test(step)) throw new QueryDefinitionError('A JSON path is made of plain field names.')
  }
  return `$${path.map((step) => `."${step}"`).join('')}`
}

/** The text, boolean or whole number at `path` of a JSON column, as text; null where there is none. */
export function jsonText(at: TableColumn, path: readonly string[]): AliasableExpression<string | null> {
  const steps = jsonPath(path)
  return portable({
    postgres: sql`${reference(at)} #>> ${value(array(text(100)), path)}`,
    sqlite: sql`case json_type(${reference(at)}, ${steps}) when 'true' then 'true' when 'false' then 'false' else cast(json_extract(${reference(at)}, ${steps}) as text) end`,
  })
}

/** The JSON column with the fields of `patch` set, each replaced as a whole; for UPDATE … SET. */
export function jsonMerge(
  at: TableColumn,
  patch: Readonly<Record<string, unknown>>,
): AliasableExpression<unknown> {
  const anyJson = column(jsonbType(Type.Unknown()))
  const fields = Object.entries(patch).map(
    ([key, field]) => sql`, ${jsonPath([key])}, json(${value(anyJson, field)})`,
  )
  return portable({
    postgres: sql`${reference(at)} || ${value(anyJson, patch)}`,
    sqlite: sql`json_set(${reference(at)}${sql.join(fields, sql``)})`,
  })
}

/** The canonical-text column contains `part`, whatever its case. */
export function containsText(at: TableColumn, part: string): AliasableExpression<boolean> {
  const pattern = value(column(containsPattern), part)
  return portable({
    postgres: sql`${reference(at)} like ${pattern} escape '\\'`,
    sqlite: sql`${reference(at)} like ${pattern} escape '\\'`,
  })
}

/** The canonical-text column starts with `part`, whatever its case. */
export function startsWithText(at: TableColumn, part: string): AliasableExpression<boolean> {
  const pattern = value(column(startsWithPattern), part)
  return portable({
    postgres: sql`${reference(at)} like ${pattern} escape '\\'`,
    sqlite: sql`${reference(at)} like ${pattern} escape '\\'`,
  })
}

/** The `searchText` column holds every word of `terms`, the last one as a prefix; terms without a word match nothing. */
export function matchesWords(at: TableColumn, terms: string): AliasableExpression<boolean> {
  const fts = sql.table(searchTableName(at.table.name, at.column))
  const query = value(column(wordsQueryType), terms)
  return portable({
    postgres: sql`${sql.raw(wordsVector(`"${at.table.name}"."${at.column}"`))} @@ ${query}`,
    sqlite: sql`${sql.ref(`${at.table.name}.rowid`)} in (select rowid from ${fts} where ${fts} match ${query})`,
  })
}

/** The database's own clock, to the millisecond. Application code uses the injected `Clock`; this is for operators' SQL. */
export function now(): AliasableExpression<Date> {
  return portable({
    postgres: sql`date_trunc('milliseconds', statement_timestamp())`,
    sqlite: sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
  })
}

/**
 * For the inner SELECT of a claim, `update … where id in (select id … limit n <skipLocked>)`: on PostgreSQL rows that
 * another worker is claiming are passed over; SQLite has one writer, so there are none.
 */
export function skipLocked(): Expression<unknown> {
  return portable({ postgres: sql`for update skip locked`, sqlite: sql`` })
}
