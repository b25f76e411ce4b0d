import { rawStatement } from '../postgres/control-statements.ts'
import { quoteName } from '../schema/quote.ts'
import type { AnyTable } from '../schema/table.ts'
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
  const sqlFor = (mark: (i: number) => string) =>
    `update ${quoteName(table.name)} set ${quoteName(column)} = ${mark(0)} where ${conditions
      .map((name, i) => `${quoteName(name)} = ${mark(i + 1)}`)
      .join(' and ')}`
  const engines = {
    sqlite: {
      statement: rawStatement(
        sqlFor(() => '?'),
        registry,
      ),
      encode: rowEncoder('sqlite', table, conditions),
    },
    postgres: {
      statement: rawStatement(
        sqlFor((i) => `$${i + 1}`),
        registry,
      ),
      encode: rowEncoder('postgres', table, conditions),
    },
  }
  const encodeValue = {
    sqlite: rowEncoder('sqlite', table, [column]),
    postgres: rowEncoder('postgres', table, [column]),
  }
  return async (tx, row, value) => {
    const session = tx[WRITE]
    const { dialect } = session.target
    const { statement, encode } = engines[dialect]
    const changed = await session.run(statement, [
      ...encodeValue[dialect]({ [column]: value }),
      ...encode(row),
    ])
    return changed === 1
  }
}
