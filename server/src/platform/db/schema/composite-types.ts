import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { InvalidValueError, QueryDefinitionError } from '../errors.ts'
import { quoteText } from './quote.ts'
import { checkText, sqliteText } from './scalar-types.ts'
import type { SqliteValue, ValueType } from './value-type.ts'

const JSON_DEPTH_MAX = 100 // SQLite's json_valid gives up at 1,000 and recursion in ours not much later

/** Throws for what JSON cannot hold, which JSON.stringify would drop or turn into null without a word. */
function checkJson(value: unknown, depth = 0): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') checkText(value, 'jsonb')
  else if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'object') {
    throw new InvalidValueError('A jsonb value holds something that JSON cannot.')
  } else if (depth >= JSON_DEPTH_MAX) {
    throw new InvalidValueError(`A jsonb value is nested deeper than ${JSON_DEPTH_MAX}.`)
  } else if (Array.isArray(value)) for (const item of value) checkJson(item, depth + 1)
  else if (typeof value === 'object') checkJsonObject(value, depth)
}

function checkJsonObject(value: object, depth: number): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvalidValueError('A jsonb value holds something that JSON cannot.')
  }
  for (const key of Object.keys(value)) {
    checkText(key, 'jsonb')
    const field: unknown = Reflect.get(value, key)
    if (field !== undefined) checkJson(field, depth + 1)
  }
}

/**
 * A JSON document that fits `schema`: `jsonb` on PostgreSQL, JSON text on SQLite. The shape is checked on every write;
 * what is read back is what was written, so reads pay for nothing but the parse.
 */
export function jsonbType<S extends TSchema>(schema: S): ValueType<Static<S>> {
  let validator: ReturnType<typeof Compile<S>> | undefined
  return {
    kind: 'jsonb',
    postgres: 'jsonb',
    sqlite: 'jsonb text',
    check(value) {
      validator ??= Compile(schema)
      checkJson(value)
      if (!validator.Check(value)) {
        throw new InvalidValueError('A jsonb value does not have its declared shape.')
      }
      return value
    },
    toSqlite: (value) => JSON.stringify(value),
    fromSqlite: (raw) => JSON.parse(String(raw)),
    toPostgres: (value) => JSON.stringify(value),
    fromPostgres: (text) => JSON.parse(text),
    field(name) {
      if (!Type.IsObject(schema)) return Type.IsUnknown(schema) ? jsonbType(schema) : undefined
      const field = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
      return field && jsonbType(field)
    },
    constraint: (dialect, column) => (dialect === 'sqlite' ? `json_valid(${column})` : ''),
  }
}

/** One of a few words; a CHECK on both engines, so that adding a word is an ordinary migration. */
export function enumType<const V extends string>(values: readonly V[]): ValueType<V> {
  const known = new Set<string>(values)
  const isKnown = (value: unknown): value is V => typeof value === 'string' && known.has(value)
  return {
    kind: 'enum',
    postgres: 'text',
    sqlite: 'enum text',
    check(value) {
      if (!isKnown(value)) throw new InvalidValueError(`An enum value must be one of: ${values.join(', ')}.`)
      return value
    },
    toSqlite: (value) => value,
    toPostgres: (value) => value,
    constraint: (_dialect, column) => `${column} in (${values.map(quoteText).join(', ')})`,
  }
}

function quoteElement(text: string): string {
  if (!text.includes('"') && !text.includes('\\')) return `"${text}"`
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** Reads the quoted element that begins at `from`, and says where the text goes on behind its closing quote. */
function quotedElement(text: string, from: number): { element: string; end: number } {
  let element = ''
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at)
    if (quote === -1) throw new InvalidValueError('A stored array is malformed.')
    const backslash = text.slice(at, quote).indexOf('\\')
    if (backslash === -1) return { element: element + text.slice(at, quote), end: quote + 1 }
    element += text.slice(at, at + backslash) + text.charAt(at + backslash + 1)
    at += backslash + 2
  }
}

/** Splits PostgreSQL's text form of a one-dimensional array without NULLs (PostgreSQL manual, 8.15.6). */
export function splitArray(text: string): string[] {
  if (text === '{}') return []
  if (!text.includes('"')) return text.slice(1, -1).split(',')
  const elements: string[] = []
  for (let at = 1; at < text.length; ) {
    if (text.charCodeAt(at) === 34) {
      const { element, end } = quotedElement(text, at)
      elements.push(element)
      at = end + 1
    } else {
      const comma = text.indexOf(',', at)
      const end = comma === -1 ? text.length - 1 : comma
      elements.push(text.slice(at, end))
      at = end + 1
    }
  }
  return elements
}

const ELEMENT_KINDS = new Set(['text', 'canonical', 'uuid', 'integer', 'bigint', 'money', 'enum'])

/** A list of one scalar kind, in order, without NULLs: a native array on PostgreSQL, a JSON list on SQLite. */
export function arrayType<T extends string | number>(element: ValueType<T>): ValueType<readonly T[]> {
  if (!ELEMENT_KINDS.has(element.kind)) {
    throw new QueryDefinitionError(`There are no arrays of ${element.kind}.`)
  }
  const fromPostgres = element.fromPostgres
  return {
    kind: 'array',
    postgres: `${element.postgres}[]`,
    sqlite: 'array text',
    check(value) {
      if (!Array.isArray(value)) throw new InvalidValueError('An array value must be an array.')
      return value.map((item) => element.check(item))
    },
    toSqlite: (value) => JSON.stringify(value),
    fromSqlite: (raw) => JSON.parse(String(raw)),
    toPostgres: (value) =>
      `{${value.map((item) => quoteElement(String(element.toPostgres(item)))).join(',')}}`,
    fromPostgres: fromPostgres
      ? (text) => splitArray(text).map(fromPostgres)
      : (text) => splitArray(text).map((item) => element.check(item)),
    constraint(dialect, column) {
      if (dialect === 'sqlite') return `json_valid(${column}) and json_type(${column}) = 'array'`
      const inner = element.kind === 'enum' ? element.constraint?.('postgres', 'x') : undefined
      const words = inner?.slice('x in '.length)
      const allowed = words ? ` and ${column} <@ array[${words.slice(1, -1)}]::text[]` : ''
      return `array_position(${column}, null) is null and coalesce(array_ndims(${column}), 1) = 1${allowed}`
    },
  }
}

/** The one parameter that holds a whole list for IN. On SQLite each item stands in it as the column stores it, bytes as hex. */
export function listType(element: ValueType<unknown>): ValueType<readonly unknown[]> {
  const forPostgres = (item: unknown) => {
    const encoded = element.toPostgres(item)
    return quoteElement(typeof encoded === 'string' ? encoded : `\\x${encoded.toString('hex')}`)
  }
  const forSqlite = (item: unknown) => {
    const encoded = element.toSqlite(item)
    return encoded instanceof Uint8Array ? Buffer.from(encoded).toString('hex') : encoded
  }
  return {
    kind: 'array',
    postgres: `${element.postgres}[]`,
    sqlite: 'array text',
    check(value) {
      if (!Array.isArray(value)) throw new InvalidValueError('The list of an IN must be an array.')
      return value.map((item) => element.check(item))
    },
    toSqlite: (value) => JSON.stringify(value.map(forSqlite)),
    toPostgres: (value) => `{${value.map(forPostgres).join(',')}}`,
  }
}

function bytesOf(raw: SqliteValue): Uint8Array {
  if (!(raw instanceof Uint8Array)) throw new InvalidValueError('A stored bytes value is not a blob.')
  return raw
}

/** Reads PostgreSQL's hex output of `bytea`, `\xdeadbeef`. */
function parseHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}

/** At most `max` bytes, always given back as a plain `Uint8Array`. */
export function bytesType(max: number, kind: 'bytes' | 'sealed' = 'bytes', min = 0): ValueType<Uint8Array> {
  return {
    kind,
    postgres: 'bytea',
    sqlite: kind === 'bytes' ? 'bytes blob' : 'sealed blob',
    check(value) {
      if (!(value instanceof Uint8Array) || value.length > max || value.length < min) {
        throw new InvalidValueError(`A ${kind} value must be ${min} to ${max} bytes.`)
      }
      return value
    },
    toSqlite: (value) => value,
    fromSqlite: bytesOf,
    toPostgres: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    fromPostgres: parseHex,
    constraint(dialect, column) {
      const length = dialect === 'sqlite' ? `length(${column})` : `octet_length(${column})`
      const limits = `${length} between ${min} and ${max}`
      return dialect === 'sqlite' ? `typeof(${column}) in ('blob', 'null') and ${limits}` : limits
    },
  }
}

/**
 * Words of a text in the form that both engines' full-text indexes share: NFKD without marks, lower-case, letters and
 * digits only, single spaces between. Tokenising here rather than in the engines makes both give the same matches.
 */
export function searchWords(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Text to be found by its words. Give it the text as people wrote it; it is stored, and comes back, as its words. */
export function searchType(max: number): ValueType<string> {
  return {
    kind: 'search',
    postgres: 'text',
    sqlite: 'search text',
    check: (value) => [...searchWords(checkText(value, 'search'))].slice(0, max).join('').trim(),
    toSqlite: (value) => value,
    toPostgres: (value) => value,
    constraint: (dialect, column) =>
      dialect === 'sqlite' ? sqliteText(column, max) : `char_length(${column}) <= ${max}`,
  }
}
