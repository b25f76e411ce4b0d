import { rawStatement } from '../postgres/control-statements.ts'
import type { Encoded } from '../query/compile.ts'
import { placeholder, quoteName } from '../schema/quote.ts'
import type { AnyTable } from '../schema/table.ts'
import type { Dialect } from '../schema/value-type.ts'
import { type Tx, WRITE } from '../session.ts'
import { rowEncoder, type StoredRow } from './stored-row.ts'

const POSTGRES_PARAMETERS_MAX = 20_000 // the protocol takes 65,535; longer statements were not faster

/** Adds rows of one table. */
export type InsertRows = (tx: Tx, rows: readonly StoredRow[]) => Promise<void>

/** The insert of whole rows; columns in `later` are left null. */
export function rowInserter(dialect: Dialect, table: AnyTable, later: readonly string[]): InsertRows {
  const names = Object.keys(table.columns).filter((name) => !later.includes(name))
  const encode = rowEncoder(dialect, table, names)
  const rowsAtOnce =
    dialect === 'sqlite' ? 1 : Math.max(1, Math.floor(POSTGRES_PARAMETERS_MAX / names.length))
  const statementOf = (rows: number) => {
    const list = (row: number) => names.map((_, i) => placeholder(dialect, row * names.length + i)).join(', ')
    const values = Array.from({ length: rows }, (_, row) => `(${list(row)})`).join(', ')
    return rawStatement(
      `insert into ${quoteName(table.name)} (${names.map(quoteName).join(', ')}) values ${values}`,
      new Map([[table.name, table]]),
    )
  }
  const whole = statementOf(rowsAtOnce)
  return async (tx, rows) => {
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const some = rows.slice(from, from + rowsAtOnce)
      const values: Encoded[] = some.flatMap(encode)
      await tx[WRITE].run(some.length === rowsAtOnce ? whole : statementOf(some.length), values)
    }
  }
}

/** Sets the columns that `rowInserter` left null. */
export function rowCompleter(dialect: Dialect, table: AnyTable, later: readonly string[]): InsertRows {
  const set = later.map((name, i) => `${quoteName(name)} = ${placeholder(dialect, i)}`).join(', ')
  const key = table.primaryKey.map(
    (name, i) => `${quoteName(name)} = ${placeholder(dialect, later.length + i)}`,
  )
  const statement = rawStatement(
    `update ${quoteName(table.name)} set ${set} where ${key.join(' and ')}`,
    new Map([[table.name, table]]),
  )
  const encode = rowEncoder(dialect, table, [...later, ...table.primaryKey])
  return async (tx, rows) => {
    await Promise.all(rows.map((row) => tx[WRITE].run(statement, encode(row))))
  }
}
