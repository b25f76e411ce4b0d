import {
  AndNode,
  ColumnNode,
  ColumnUpdateNode,
  InsertQueryNode,
  TableNode,
  UpdateQueryNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  WhereNode,
} from 'kysely'
import { QueryDefinitionError } from '../errors.ts'
import type { AnyColumn, Columns } from '../schema/column.ts'
import type { AnyTable, NewRow, Patch, Row, Table } from '../schema/table.ts'
import type { Tx } from '../session.ts'
import type { Args } from './compile.ts'
import { columnEquals, columnIsNull } from './marks.ts'
import { Param } from './param.ts'
import { type Sql, Write } from './sql.ts'

/** What a new row holds in a column that it leaves out: the declared default, or null where that is allowed. */
function fallbackOf({ facts }: AnyColumn): unknown {
  if (facts.defaultValue !== undefined) return facts.defaultValue
  return facts.isNullable ? null : undefined
}

/** The insert into one table of the rows that are these arguments; nowhere means that the arguments are the row. */
function insertOf<DB>(
  sql: Sql<DB>,
  { name, columns }: AnyTable,
  places: readonly ({ of: string } | 'nowhere')[],
): Write<Args, never> {
  const entries = Object.entries<AnyColumn>(columns)
  const row = (place: { of: string } | 'nowhere') =>
    ValueListNode.create(
      entries.map(([column, declared]) => {
        const fallback = fallbackOf(declared)
        return ValueNode.create(
          new Param(column, place === 'nowhere' ? { fallback } : { ...place, fallback }),
        )
      }),
    )
  return new Write<Args, never>(
    () => ({
      ...InsertQueryNode.create(TableNode.create(name)),
      columns: entries.map(([column]) => ColumnNode.create(column)),
      values: ValuesNode.create(places.map(row)),
    }),
    sql.registry,
  )
}

/**
 * The insert of one table, prepared once. It always names every column, filling in declared defaults, so that one
 * statement serves every row.
 */
export function insertRow<DB, Name extends string, C extends Columns>(
  sql: Sql<DB>,
  table: Table<Name, C>,
): (tx: Tx, row: NewRow<Table<Name, C>>) => Promise<void> {
  const statement = insertOf(sql, table, ['nowhere'])
  return (tx, row) => statement.execute(tx, row)
}

const ROWS_AT_ONCE = 32

/**
 * The same for many rows, in this order: in statements of 32, 16, 8 … rows, each prepared once, because what a statement
 * costs beside its rows is most of it. Rejects with the first refusal, and then the transaction has failed.
 */
export function insertRows<DB, Name extends string, C extends Columns>(
  sql: Sql<DB>,
  table: Table<Name, C>,
): (tx: Tx, rows: readonly NewRow<Table<Name, C>>[]) => Promise<void> {
  const statements = new Map<number, Write<Args, never>>()
  const statementOf = (count: number) => {
    const places = () => Array.from({ length: count }, (_, at) => ({ of: String(at) }))
    const known = statements.get(count) ?? insertOf(sql, table, places())
    statements.set(count, known)
    return known
  }
  return async (tx, rows) => {
    const sent: Promise<void>[] = []
    let [at, count] = [0, ROWS_AT_ONCE]
    while (at < rows.length) {
      while (count > rows.length - at) count /= 2
      sent.push(statementOf(count).execute(tx, { ...rows.slice(at, at + count) }))
      at += count
    }
    await Promise.all(sent)
  }
}

/** One set of columns that updates name, reached name by name, and its statement. */
class Shape {
  readonly #next: Readonly<Record<'equal' | 'null' | 'set', Map<string, Shape>>> = {
    equal: new Map(),
    null: new Map(),
    set: new Map(),
  }
  statement: Write<Args, never> | undefined

  and(name: string, as: 'equal' | 'null' | 'set'): Shape {
    const known = this.#next[as].get(name)
    if (known) return known
    const shape = new Shape()
    this.#next[as].set(name, shape)
    return shape
  }
}

/**
 * The update of one table by equality: `update(tx, { id, user_id }, { nickname })` changes the given columns of the rows
 * whose columns equal `where` (`null` there means `is null`), and says how many it changed. Prepared once per set of
 * columns. A `where` on the owner column is the statement's owner predicate.
 */
export function updateRow<DB, Name extends string, C extends Columns>(sql: Sql<DB>, table: Table<Name, C>) {
  const none = new Shape()
  const owner = 'owner' in table.access ? table.access.owner : undefined
  const prepare = (where: Args, patch: Args) =>
    new Write<Args, never>(() => {
      const updates = givenIn(patch).map((name) =>
        ColumnUpdateNode.create(ColumnNode.create(name), ValueNode.create(new Param(name, { of: 'patch' }))),
      )
      const conditions = givenIn(where).map((name) =>
        where[name] === null
          ? columnIsNull(name)
          : columnEquals(name, new Param(name, { of: 'where' }), name === owner),
      )
      const query = UpdateQueryNode.cloneWithUpdates(
        UpdateQueryNode.create([TableNode.create(table.name)]),
        updates,
      )
      return {
        ...query,
        where: WhereNode.create(conditions.reduce((all, next) => AndNode.create(all, next))),
      }
    }, sql.registry)
  const shapeOf = (where: Args, patch: Args): Shape | undefined => {
    let keyed = none
    for (const name of Object.keys(where)) {
      const value = where[name]
      if (value !== undefined) keyed = keyed.and(name, value === null ? 'null' : 'equal')
    }
    if (keyed === none) throw new QueryDefinitionError(`An update of ${table.name} must say which rows.`)
    let shape = keyed
    for (const name of Object.keys(patch)) if (patch[name] !== undefined) shape = shape.and(name, 'set')
    return shape === keyed ? undefined : shape
  }
  return (tx: Tx, where: Partial<Row<Table<Name, C>>>, patch: Patch<Table<Name, C>>): Promise<number> => {
    const shape = shapeOf(where, patch)
    if (!shape) return Promise.resolve(0)
    shape.statement ??= prepare(where, patch)
    return shape.statement.run(tx, { where, patch })
  }
}

const givenIn = (args: Args): string[] => Object.keys(args).filter((name) => args[name] !== undefined)
