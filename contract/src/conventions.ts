import { type Static, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox'

declare const instantBrand: unique symbol

/** An instant on the wire: RFC 3339, UTC, milliseconds, `2026-01-31T19:45:00.000Z`. Servers may hand over a `Date`. */
export type Instant = string & { readonly [instantBrand]: true }

/** The wire form of a moment; throws `RangeError` for an invalid `Date`. */
export function instantOf(date: Date): Instant {
  return date.toISOString() as Instant
}

/** A moment in an answer. */
export const instant = Type.Unsafe<Instant>({
  type: 'string',
  format: 'date-time',
  description: 'RFC 3339, UTC, milliseconds.',
})

/** A moment in a request: any RFC 3339 instant, with any offset. */
export const instantInput = Type.String({
  format: 'date-time',
  maxLength: 40,
  description: 'RFC 3339, for example 2026-01-31T19:45:00.000Z.',
  'x-refusal': 'must be a moment such as 2026-01-31T19:45:00.000Z',
})

/** An id made by the server: a UUID (version 7) in lower case; RFC 9562. */
export const uuid = Type.String({
  format: 'uuid',
  pattern: '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
  'x-refusal': 'must be an id such as 01890a5d-ac96-774b-bcce-b302099a8057',
})

// Note: C0 and C1 controls, line and paragraph separators, and the marks that reorder text (Unicode UAX 9): they
// let one name look like another, and break logs and mail headers.
const bidi = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069'
// White space, and code points that are drawn as nothing (Unicode's Default_Ignorable_Code_Point), are welcome inside a
// name, where they join emoji and scripts; but a name must show something.
const unseen = '\\s\\p{Default_Ignorable_Code_Point}'
const lineOfText = `[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029${bidi}]*`
const singleLinePattern = `^(?:(?=[\\s\\S]*[^${unseen}])${lineOfText})?$`
const multiLinePattern = `^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f${bidi}]*$`

/** Lengths in code points, as the database counts them. */
export interface TextOptions {
  readonly min?: number
  readonly max: number
  readonly description?: string
}

/** Text on one line; a blank one is refused unless it means something. */
export interface SingleLineOptions extends TextOptions {
  readonly mayBeBlank?: boolean
}

/**
 * Text on one line, such as a name: something to see, unless it `mayBeBlank`, no control characters, no marks that reorder
 * text.
 */
export function singleLine({ min = 0, max, mayBeBlank = false, ...rest }: SingleLineOptions) {
  return Type.String({
    ...(min > 0 ? { minLength: min } : {}),
    maxLength: max,
    pattern: mayBeBlank ? `^${lineOfText}$` : singleLinePattern,
    'x-refusal': `must ${mayBeBlank ? 'be' : 'show something,'} without line breaks, control characters or marks that reorder text`,
    ...rest,
  })
}

/** Text on several lines, such as a biography: line breaks and tabs are welcome, other control characters are not. */
export function multiLine({ min = 0, max, ...rest }: TextOptions) {
  return Type.String({
    ...(min > 0 ? { minLength: min } : {}),
    maxLength: max,
    pattern: multiLinePattern,
    'x-refusal': 'must not contain control characters or marks that reorder text',
    ...rest,
  })
}

/** One of a closed set of words. */
export function oneOf<const W extends readonly string[]>(words: W, options: { description?: string } = {}) {
  return Type.Unsafe<W[number]>({ type: 'string', enum: [...words], ...options })
}

/** The same schema, or null. The field is always present. */
export function nullable<S extends TSchema>(schema: S): TUnsafe<Static<S> | null> {
  const { enum: words, ...rest } = schema as S & { type?: unknown; enum?: unknown[] }
  if (typeof rest.type !== 'string') return Type.Unsafe({ anyOf: [schema, { type: 'null' }] })
  // Note: a list of types serialises several times faster than `anyOf`.
  return Type.Unsafe({ ...rest, type: [rest.type, 'null'], ...(words ? { enum: [...words, null] } : {}) })
}

/** What every record starts with. */
export const recordBase = { id: uuid, created_at: instant, updated_at: instant } as const

/** A record: `id`, `created_at`, `updated_at` and its own fields, named `title` in the documentation. */
export function record<P extends TProperties>(title: string, fields: P) {
  return Type.Object({ ...recordBase, ...fields }, { title })
}

/** Shape S: success without a body of its own. */
export const success = Type.Object(
  { success: Type.Literal(true), message: Type.String(), data: Type.Null() },
  { title: 'Success' },
)
/** The body of a shape S answer. */
export type Success = Static<typeof success>

/** A shape S answer that says `message`. */
export function succeeded(message: string): Success {
  return { success: true, message, data: null }
}

/** `skip` and `limit`, and `cursor` for the paging that costs the same on every page. */
export const listQuery = {
  skip: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 512,
      description: '`next_cursor` of the page before; replaces `skip`.',
    }),
  ),
} as const

/** The query of a list, with the list's own filters beside `skip`, `limit` and `cursor`. */
export function listQueryWith<P extends TProperties>(filters: P) {
  return Type.Object({ ...listQuery, ...filters })
}

const total = Type.Integer({ minimum: 0, description: 'How many there are in all.' })
const skip = Type.Integer({ minimum: 0 })
const limit = Type.Integer({ minimum: 1, maximum: 100 })
const nextCursor = nullable(Type.String({ description: 'Null on the last page.' }))

/**
 * The answer of a list that takes both ways of paging: `total` and `skip` without a `cursor` in the query,
 * `next_cursor` with one. One object rather than two alternatives, so that it serialises without trying each.
 */
export function pageOf<S extends TSchema>(item: S) {
  return Type.Object({
    items: Type.Array(item),
    limit,
    total: Type.Optional(total),
    skip: Type.Optional(skip),
    next_cursor: Type.Optional(nextCursor),
  })
}
