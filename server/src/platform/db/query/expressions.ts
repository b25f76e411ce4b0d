import { type AliasableExpression, type Expression, sql } from 'kysely'
import { QueryDefinitionError } from '../errors.ts'
import { array, type Column, column, text } from '../schema/column.ts'
import { wordsVector } from '../schema/ddl-postgres.ts'
import { searchTableName } from '../schema/ddl-sqlite.ts'
import type { AnyTable, Row } from '../schema/table.ts'
import { portable, value } from './marks.ts'
import { containsPattern, startsWithFirst, startsWithLast, wordsQueryType } from './pattern-types.ts'

type ColumnName<T extends AnyTable> = keyof T['columns'] & string

/** A column of a declared table, for expressions that the engines write differently. */
export interface TableColumn<T extends AnyTable, K extends ColumnName<T>> {
  readonly table: T
  readonly column: K
  /** The table's alias in this query, if it has one. */
  readonly as?: string
}

type AnyTableColumn = TableColumn<AnyTable, string>
type ItemOf<T, K extends keyof Row<T>> = NonNullable<Row<T>[K]> extends readonly (infer I)[] ? I : never
type FieldsOf<T, K extends keyof Row<T>> = Partial<NonNullable<Row<T>[K]>>

function declared(at: AnyTableColumn, ...kinds: string[]): Column<unknown, unknown> {
  const found = at.table.columns[at.column]
  if (!found) throw new QueryDefinitionError(`Table ${at.table.name} has no column ${at.column}.`)
  if (!kinds.includes(found.facts.type.kind)) {
    throw new QueryDefinitionError(`The column ${at.table.name}.${at.column} is not ${kinds.join(' or ')}.`)
  }
  return found
}

const reference = (at: AnyTableColumn): Expression<unknown> =>
  sql.ref(`${at.as ?? at.table.name}.${at.column}`)

/** The array column holds every one of `items`; false for NULL. A `gin` index serves it on PostgreSQL. */
export function arrayContains<T extends AnyTable, K extends ColumnName<T>>(
  at: TableColumn<T, K>,
  items: readonly ItemOf<T, K>[],
): AliasableExpression<boolean> {
  const list = value<unknown>(declared(at, 'array'), items)
  const tags = reference(at)
  return portable({
    postgres: sql`(${tags} @> ${list} and ${tags} is not null)`,
    sqlite: sql`(${tags} is not null and not exists (select 1 from json_each(${list}) as wanted where wanted.value not in (select value from json_each(${tags}))))`,
  })
}

/** The array column and `items` have an item in common; false for NULL. A `gin` index serves it on PostgreSQL. */
export function arrayOverlaps<T extends AnyTable, K extends ColumnName<T>>(
  at: TableColumn<T, K>,
  items: readonly ItemOf<T, K>[],
): AliasableExpression<boolean> {
  const list = value<unknown>(declared(at, 'array'), items)
  const tags = reference(at)
  return portable({
    postgres: sql`(${tags} && ${list} and ${tags} is not null)`,
    sqlite: sql`exists (select 1 from json_each(${list}) as wanted where wanted.value in (select value from json_each(${tags})))`,
  })
}

function jsonPath(path: readonly string[]): string {
  for (const step of path) {
    if (!/^\w+$/.test(step)) throw new QueryDefinitionError('A JSON path is made of plain field names.')
  }
  return `$${path.map((step) => `."${step}"`).join('')}`
}

/** The text, boolean or whole number at `path` of a JSON column, as text; null where there is none of these. */
export function jsonText<T extends AnyTable, K extends ColumnName<T>>(
  at: TableColumn<T, K>,
  path: readonly string[],
): AliasableExpression<string | null> {
  declared(at, 'jsonb')
  const steps = jsonPath(path)
  const json = reference(at)
  const keys = value(array(text(100)), path)
  return portable({
    postgres: sql`case when jsonb_typeof(${json} #> ${keys}) not in ('object', 'array') then ${json} #>> ${keys} end`,
    sqlite: sql`case json_type(${json}, ${steps}) when 'true' then 'true' when 'false' then 'false' when 'object' then null when 'array' then null else cast(json_extract(${json}, ${steps}) as text) end`,
  })
}

/**
 * The JSON column with the fields of `patch` set, each checked against its declared shape and replaced as a whole; for
 * UPDATE … SET. A field may be an argument, `{ theme: p.theme }`; the patch as a whole may not.
 */
export function jsonMerge<T extends AnyTable, K extends ColumnName<T>>(
  at: TableColumn<T, K>,
  patch: FieldsOf<T, K>,
): AliasableExpression<Row<T>[K]> {
  const { type } = declared(at, 'jsonb').facts
  const fields = Object.entries(patch).map(([key, field]) => {
    const fieldType = type.field?.(key)
    if (!fieldType) throw new QueryDefinitionError(`The JSON of ${at.column} declares no field ${key}.`)
    return { key, path: jsonPath([key]), json: value<unknown>(column(fieldType), field) }
  })
  const added = fields.map(({ key, json }) => sql`${sql.lit(key)}, ${json}`)
  const set = fields.map(({ path, json }) => sql`, ${sql.lit(path)}, json(${json})`)
  return portable({
    postgres: sql`${reference(at)} || jsonb_build_object(${sql.join(added)})`,
    sqlite: sql`json_set(${reference(at)}${sql.join(set, sql``)})`,
  })
}

/** The canonical-text column contains `part`, whatever its case. Scans. */
export function containsText<T extends AnyTable, K extends ColumnName<T>>(
  at: TableColumn<T, K>,
  part: string,
): AliasableExpression<boolean> {
  declared(at, 'canonical')
  const like = sql`${reference(at)} like ${value(column(containsPattern), part)} escape '\\'`
  return portable({ postgres: like, sqlite: like })
}

/** The canonical-text column starts with `part`, whatever its case. An ordinary index on the column serves it. */
export function startsWithText<T extends AnyTable, K extends ColumnName<T>>(
  at: TableColumn<T, K>,
  part: string,
): AliasableExpression<boolean> {
  declared(at, 'canonical')
  const name = reference(at)
  const range = sql`(${name} >= ${value(column(startsWithFirst), part)} and ${name} < ${value(column(startsWithLast), part)})`
  return portable({ postgres: range, sqlite: range })
}

/** The `searchText` column holds every word of `terms`, the last one as a prefix; terms without a word match nothing. */
export function matchesWords<T extends AnyTable, K extends ColumnName<T>>(
  at: TableColumn<T, K>,
  terms: string,
): AliasableExpression<boolean> {
  declared(at, 'search')
  const alias = at.as ?? at.table.name
  const fts = sql.table(searchTableName(at.table.name, at.column))
  const query = value(column(wordsQueryType), terms)
  return portable({
    postgres: sql`${sql.raw(wordsVector(`"${alias}"."${at.column}"`))} @@ ${query}`,
    sqlite: sql`${sql.ref(`${alias}.rowid`)} in (select rowid from ${fts} where ${fts} match ${query})`,
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

/**
 * For a SELECT in a transaction that decides by the rows it reads: on PostgreSQL nobody else changes them before its end,
 * though rows may still refer to them; SQLite has one writer. Whoever locks several rows orders them by `id`, so that no
 * two wait for each other in a circle.
 */
export function lockRows(): Expression<unknown> {
  return portable({ postgres: sql`for no key update`, sqlite: sql`` })
}
