import type { FieldError } from '@outcry/contract/problem'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { lazy } from '../lazy.ts'
import { fieldErrors } from './field-errors.ts'

/** The value as the schema wants it, or why not. */
export type Checked = { readonly value: unknown } | { readonly errors: readonly FieldError[] }

/** Checks one part of a request. */
export type InputCheck = (input: unknown) => Checked

/** Which part of a request is checked. */
export interface InputOptions {
  /** What the paths start with: `body`, `query`, `params`, `headers`. */
  readonly root: string
  /** The values arrive as text and are read as the schema's types; never for JSON bodies. */
  readonly fromText?: boolean
}

/**
 * Compiles a schema, when it is first needed, into a check. Absent fields get their defaults, fields the schema does not
 * name are left out, and every refused field is reported in plain words. The input belongs to the check and may be changed
 * by it.
 */
export function compileInput(schema: TSchema, { root, fromText = false }: InputOptions): InputCheck {
  const compiled = lazy(() => Compile(schema))
  const prepare = fromText ? textReader(schema) : (input: unknown) => input ?? {}
  return (input) => {
    const validator = compiled()
    const value = validator.Default(prepare(input))
    if (!validator.Check(value))
      return { errors: fieldErrors({ root, schema, value }, validator.Errors(value)) }
    return { value: fromText ? value : validator.Clean(value) } // of texts, none but the named ones were read
  }
}

interface Field {
  readonly name: string
  readonly read: (text: unknown) => unknown
}

/** Reads an object of texts by the types its schema declares; what cannot be read stays text, for the check to refuse. */
function textReader(schema: TSchema): (input: unknown) => unknown {
  const properties: Readonly<Record<string, TSchema>> =
    'properties' in schema ? (schema.properties as Record<string, TSchema>) : {}
  const fields = Object.entries(properties).map(([name, type]): Field => ({ name, read: readerOf(type) }))
  return (input) => {
    const source = (input ?? {}) as Readonly<Record<string, unknown>>
    const target: Record<string, unknown> = {}
    for (const { name, read } of fields) {
      const text = Object.hasOwn(source, name) ? source[name] : undefined
      if (text !== undefined) target[name] = read(text)
    }
    return target
  }
}

function readerOf(schema: TSchema): (text: unknown) => unknown {
  const { type, items } = schema as { type?: unknown; items?: TSchema }
  const types = Array.isArray(type) ? type : [type]
  if (types.includes('array')) {
    const readItem = readerOf(items ?? {})
    return (text) => (Array.isArray(text) ? text : [text]).map(readItem)
  }
  if (types.includes('integer')) return (text) => readText(text, /^-?\d{1,16}$/, Number)
  if (types.includes('number')) return (text) => readText(text, /^-?\d{1,16}(?:\.\d{1,16})?$/, Number)
  if (types.includes('boolean'))
    return (text) => readText(text, /^(?:true|false)$/, (word) => word === 'true')
  return (text) => text
}

function readText(text: unknown, shape: RegExp, read: (text: string) => unknown): unknown {
  return typeof text === 'string' && shape.test(text) ? read(text) : text
}
