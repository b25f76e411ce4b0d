import { QueryDefinitionError } from '../errors.ts'
import type { Dialect, ValueType } from '../schema/value-type.ts'

/** One result column: its name, and its type when the engine or a hint told. */
export interface ResultColumn {
  readonly name: string
  readonly type: ValueType<unknown> | undefined
}

/** Turns the driver's row, a list in column order, into the row object. */
export type RowDecoder = (values: ArrayLike<unknown>) => unknown

/**
 * Writes a function that builds the row as one object literal, which V8 turns into a single allocation of a known shape;
 * a loop over column names costs 2–3 times as much per row. Only column names go into the source, as JSON strings.
 */
export function createRowDecoder(dialect: Dialect, columns: readonly ResultColumn[]): RowDecoder {
  const decoders: unknown[] = []
  const fields = columns.map(({ name, type }, i) => {
    if (name === '__proto__') throw new QueryDefinitionError('A result column cannot be called __proto__.')
    if (type === undefined) {
      throw new QueryDefinitionError(
        `The result column "${name}" has no declared type; wrap it in computed(…).`,
      )
    }
    const decode = dialect === 'sqlite' ? type.fromSqlite : type.fromPostgres
    if (!decode) return `${JSON.stringify(name)}:v[${i}]`
    const at = decoders.push(decode) - 1
    return `${JSON.stringify(name)}:v[${i}]===null?null:d${at}(v[${i}])`
  })
  const names = decoders.map((_, i) => `d${i}`)
  const build: unknown = new Function(...names, `return (v)=>({${fields.join(',')}})`)(...decoders)
  if (typeof build !== 'function') throw new TypeError('The row decoder did not compile.')
  return build as RowDecoder
}
