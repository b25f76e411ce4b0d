import type { SealBinding } from '../../crypto/sealed.ts'
import { QueryDefinitionError } from '../errors.ts'
import type { Columns, RowOf } from './column.ts'
import type { Table } from './table.ts'

/**
 * Where the sealed `column` of `row` belongs, as its declaration says: `sealed([record, owner, …context], { version })`. The
 * row must hold these columns; their stored form is what is bound, so that a row read back gives the same binding. `version`
 * is for a column that declares none: it counts the values this column of this row has had, 1 when left out.
 */
export function bindingOf<Name extends string, C extends Columns>(
  table: Table<Name, C>,
  column: keyof C & string,
  { row, version = 1 }: { readonly row: Partial<RowOf<C>>; readonly version?: number },
): SealBinding {
  const { boundTo, boundVersion } = table.columns[column]?.facts ?? {}
  if (!boundTo) throw new QueryDefinitionError(`The column ${table.name}.${column} is not sealed.`)
  const given: Readonly<Record<string, unknown>> = row
  const counted = boundVersion === undefined ? version : given[boundVersion]
  if (typeof counted !== 'number' || !Number.isSafeInteger(counted) || counted < 0) {
    throw new QueryDefinitionError('The version of a sealed value is a whole number from 0 up.')
  }
  const [record = '', owner = '', ...context] = boundTo.map((name) => {
    const type = table.columns[name]?.facts.type
    const stored = type && given[name] != null ? type.toSqlite(type.check(given[name])) : undefined
    if (typeof stored !== 'string' && typeof stored !== 'number') {
      throw new QueryDefinitionError(`To bind ${table.name}.${column} its row must hold ${name}.`)
    }
    return String(stored)
  })
  return { table: table.name, record, owner, field: column, version: counted, context }
}
