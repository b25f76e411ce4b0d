import { type Instant, instantOf } from '@outcry/contract/conventions'
import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { lazy } from '../../../platform/lazy.ts'
import { parseExactJson } from './exact-json.ts'

/** A decimal number as text. What is longer than this is no figure of an account. */
export const figure = Type.String({
  pattern: '^[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,3})?$',
  maxLength: 80,
})

/** A field that may be null or missing. Brokers write `""` for that as well. */
export const perhaps = <T extends TSchema>(type: T) =>
  Type.Optional(Type.Union([type, Type.Null(), Type.Literal('')]))

/** A whole number that fits a 32-bit integer. */
export const count = Type.String({ pattern: '^-?\\d{1,9}$' })

/** A text that is read, cut to nothing, and shown; never more than a line. */
export const word = Type.String({ maxLength: 256 })

/** RFC 3339 with any offset and any number of decimals. */
export const moment = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,12})?(Z|[+-]\\d{2}:\\d{2})$',
})

/** The value of a field that may be absent. */
export function orNull<T extends string>(value: T | null | undefined): T | null {
  return value === undefined || value === '' ? null : value
}

/** The instant of a `moment`, to the millisecond; null for one that no calendar has. */
export function instantIn(text: string | null | undefined): Instant | null {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? null : instantOf(date)
}

/** Reads a body whose numbers are texts: checks it against a schema, then makes `view` of it. */
export function bodyReader<S extends TSchema, T>(schema: S, view: (value: Static<S>) => T | undefined) {
  const compiled = lazy(() => Compile(schema))
  return (text: string): T | undefined => {
    const value = parseExactJson(text)
    return compiled().Check(value) ? view(value) : undefined
  }
}
