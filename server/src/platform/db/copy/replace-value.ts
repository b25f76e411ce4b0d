import { rawStatement } from '../postgres/control-statements.ts'
import { placeholder, quoteName } from '../schema/quote.ts'
import type { AnyTable } from '../schema/table.ts'
import type { Dialect } from '../schema/value-type.ts'
import { type Tx, WRITE } from '../session.ts'
import { rowEncoder, type StoredRow } from './stored-row.ts'

/** Sets `column` of the row with the primary key of `row` to `value`, unless it is no longer what `row` says. */
export type ReplaceValue = (tx: Tx, row: StoredRow, value: unknown) => Promise<boolean>

/**
 * A compare-and-swap of one column, byte for byte; also for sealed values, which ordinary statements do not compare.
 * Resolves to whether the value was replaced.
 */
export function valueReplacer(table: AnyTable, column: string): ReplaceValue {
  const registry = new Map([[table.name, table]])
  const conditions = [...table.primaryKey, column]
  const engineFor = (dialect: Dialect) => {
    const mark = (i: number) => placeholder(dialect, i)
    const same = conditions.map((name, i) => `${quoteName(name)} = ${mark(i + 1)}`).join(' and ')
    const sql = `update ${quoteName(table.name)} set ${quoteName(column)} = ${mark(0)} where ${same}`
    return {
      statement: rawStatement(sql, registry),
      encodeValue: rowEncoder(dialect, table, [column]),
      encodeRow: rowEncoder(dialect, table, conditions),
    }
  }
  const engines = { sqlite: engineFor('sqlite'), postgres: engineFor('postgres') }
  return async (tx, row, value) => {
    const session = tx[WRITE]
    const { statement, encodeValue, encodeRow } = engines[session.target.dialect]
    const changed = await session.run(statement, [...encodeValue({ [column]: value }), ...encodeRow(row)])
    return changed === 1
  }
}
