import type { AnyTable } from '../schema/table.ts'
import type { Dialect, ValueType } from '../schema/value-type.ts'

/** A row as the layer reads it: decoded values by column. */
export type StoredRow = Readonly<Record<string, unknown>>

/** A value in the form that one engine's driver takes. */
export type DriverValue = string | number | null | Uint8Array | Buffer

type Encode = (value: unknown) => DriverValue

function encoderOf(dialect: Dialect, type: ValueType<unknown>): Encode {
  const encode = dialect === 'sqlite' ? type.toSqlite : type.toPostgres
  return (value) => (value === null ? null : encode(value))
}

/**
 * Encodes the named columns of stored rows for one engine. Values are not checked again: they were when they were first
 * written, and a declaration may have become stricter since.
 */
export function rowEncoder(
  dialect: Dialect,
  table: AnyTable,
  names: readonly string[],
): (row: StoredRow) => DriverValue[] {
  const encoders = names.map((name): [string, Encode] => {
    const column = table.columns[name]
    if (column === undefined) throw new TypeError(`Table ${table.name} has no column ${name}.`)
    return [name, encoderOf(dialect, column.facts.type)]
  })
  return (row) => encoders.map(([name, encode]) => encode(row[name]))
}
