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
import type { Columns } from '../schema/column.ts'
import type { NewRow, Patch, Row, Table } from '../schema/table.ts'
import type { Tx } from '../session.ts'
import type { Args } from './compile.ts'
import { columnEquals, columnIsNull } from './marks.ts'
import { Param } from './param.ts'
import { type Sql, Write } from './sql.ts'

/** Declared defaults by column, and null for nullable columns. */
function defaultsOf(columns: Columns): Map<string, unknown> {
  const defaults = new Map<string, unknown>()
  for (const [name, { facts }] of Object.entries(columns)) {
    if (facts.defaultValue !== undefined) defaults.set(name, facts.defaultValue)
    else if (facts.isNullable) defaults.set(name, null)
  }
  return defaults
}

/**
 * The insert of one table, prepared once. It always names every column, filling in declared defaults, so that one
 * statement serves every row.
 */
export function insertRow<DB, Name extends string, C extends Columns>(
  sql: Sql<DB>,
  table: Table<Name, C>,
): (tx: Tx, row: NewRow<Table<Name, C>>) => Promise<void> {
  const names = Object.keys(table.columns)
  const defaults = defaultsOf(table.columns)
  const statement = new Write<Args, never>(
    () => ({
      ...InsertQueryNode.create(TableNode.create(table.name)),
      columns: names.map((name) => ColumnNode.create(name)),
      values: ValuesNode.create([
        ValueListNode.create(names.map((name) => ValueNode.create(new Param(name)))),
      ]),
    }),
    sql.registry,
  )
  return (tx, row) => {
    const given: Args = row
    let filled: Record<string, unknown> | undefined
    for (const name of names) {
      if (given[name] !== undefined) continue
      filled ??= { ...given }
      filled[name] = defaults.get(name)
    }
    return statement.execute(tx, filled ?? given)
  }
}

const IS_NULL = ' is null'

/**
 * The update of one table by equality: `update(tx, { id, user_id }, { nickname })` changes the given columns of the rows
 * whose columns equal `where` (`null` there means `is null`), and says how many it changed. Prepared once per set of
 * columns. A `where` on the owner column is the statement's owner predicate.
 */
export function updateRow<DB, Name extends string, C extends Columns>(sql: Sql<DB>, table: Table<Name, C>) {
  const statements = new Map<string, Write<Args, never>>()
  const owner = 'owner' in table.access ? table.access.owner : undefined
  const prepare = (keys: readonly string[], changes: readonly string[]) =>
    new Write<Args, never>(() => {
      const updates = changes.map((name) =>
        ColumnUpdateNode.create(ColumnNode.create(name), ValueNode.create(new Param(`set_${name}`))),
      )
      const conditions = keys.map((key) =>
        key.endsWith(IS_NULL)
          ? columnIsNull(key.slice(0, -IS_NULL.length))
          : columnEquals(key, new Param(`where_${key}`), key === owner),
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
  return (tx: Tx, where: Partial<Row<Table<Name, C>>>, patch: Patch<Table<Name, C>>): Promise<number> => {
    const keys = Object.entries(where).filter(([, value]) => value !== undefined)
    const changes = Object.entries(patch).filter(([, value]) => value !== undefined)
    if (keys.length === 0) throw new QueryDefinitionError(`An update of ${table.name} must say which rows.`)
    if (changes.length === 0) return Promise.resolve(0)
    const whereNames = keys.map(([name, value]) => (value === null ? `${name}${IS_NULL}` : name))
    const names = changes.map(([name]) => name)
    const shape = JSON.stringify([whereNames, names])
    const statement = statements.get(shape) ?? prepare(whereNames, names)
    statements.set(shape, statement)
    const args = [
      ...keys.map(([name, value]) => [`where_${name}`, value]),
      ...changes.map(([name, value]) => [`set_${name}`, value]),
    ]
    return statement.run(tx, Object.fromEntries(args))
  }
}
