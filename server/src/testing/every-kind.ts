import fc from 'fast-check'
import { Type } from 'typebox'
import {
  array,
  bigint,
  boolean,
  bytes,
  canonical,
  date,
  decimal,
  defineTable,
  double,
  enumOf,
  integer,
  jsonb,
  money,
  type NewRow,
  sealed,
  searchText,
  text,
  timestamptz,
  uuid,
} from '../platform/db/index.ts'

const WORDS = ['plain', "it's", 'ünï', '42', 'with space'] as const

/** One table with a column of every kind, all of them nullable but the first three. */
export const samples = defineTable(
  'samples',
  {
    id: uuid().primaryKey(),
    batch: uuid(),
    n: integer(),
    parent_id: uuid().nullable(),
    a_uuid: uuid().nullable(),
    a_text: text(40).nullable(),
    a_canonical: canonical(120).nullable(),
    some_words: searchText(60).nullable(),
    an_integer: integer().nullable(),
    a_bigint: bigint().nullable(),
    some_money: money().nullable(),
    a_decimal: decimal().nullable(),
    a_double: double().nullable(),
    a_boolean: boolean().nullable(),
    an_instant: timestamptz().nullable(),
    a_day: date().nullable(),
    some_json: jsonb(Type.Unknown()).nullable(),
    a_word: enumOf(WORDS).nullable(),
    some_bytes: bytes(64).nullable(),
    an_envelope: sealed(['id', 'batch']).nullable(),
    texts: array(text(20)).nullable(),
    uuids: array(uuid()).nullable(),
    integers: array(integer()).nullable(),
    bigints: array(bigint()).nullable(),
    enums: array(enumOf(WORDS)).nullable(),
  },
  { access: { kind: 'system' } },
)

export type Sample = NewRow<typeof samples>
/** The columns that hold a value of their kind. */
export const sampleColumns = Object.keys(samples.columns).slice(4)

const anyText = (maxLength: number) =>
  fc.string({ unit: 'binary', maxLength }).map((value) => value.replaceAll('\0', ' '))
const anyUuid = fc.uuid().chain((value) => fc.constantFrom(value, value.toUpperCase()))
const anyDecimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }), fc.stringMatching(/^\d{0,18}$/))
  .map(([isNegative, whole, rest]) => `${isNegative ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`)
const int4 = fc.integer({ min: -2_147_483_647, max: 2_147_483_647 })
const safe = fc.maxSafeInteger()
const anyInstant = fc.oneof(
  fc.date({
    min: new Date('0001-01-01T00:00:00.000Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  }),
  fc
    .constantFrom('0001-01-01T00:00:00.000Z', '0004-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z')
    .map((at) => new Date(at)),
)
const hardJson = fc.constantFrom<unknown>(
  { a: null, b: [null, [null]], c: {} },
  JSON.parse('{"__proto__": {"constructor": 1}, "constructor": {"prototype": []}}'),
  [1e300, -1e-300, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2],
  { '': '', '\u2028': '\u{1F680}', é: 'e\u0301', '"\\/': '\b\f\n\r\t' },
  'a bare string',
  '"quoted"',
  0,
  false,
  [],
)
const anyJson = fc.oneof(hardJson, fc.jsonValue({ maxDepth: 4, noUnicodeString: false })).filter((value) => {
  const said = JSON.stringify(value)
  return value !== null && said.isWellFormed() && !said.includes('\\u0000') && !said.includes('\\ud')
})

const values = {
  a_uuid: anyUuid,
  a_text: anyText(40),
  a_canonical: anyText(10),
  some_words: anyText(60),
  an_integer: int4,
  a_bigint: safe,
  some_money: safe,
  a_decimal: fc.oneof(anyDecimal, fc.constantFrom('-0', '-0.00', '0.10', '1.50')),
  a_double: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(-0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53, 0.1),
  ),
  a_boolean: fc.boolean(),
  an_instant: anyInstant,
  a_day: anyInstant.map((at) => at.toISOString().slice(0, 10)),
  some_json: anyJson,
  a_word: fc.constantFrom(...WORDS),
  some_bytes: fc.uint8Array({ maxLength: 64 }),
  an_envelope: fc.uint8Array({ minLength: 64, maxLength: 200 }),
  texts: fc.array(
    fc.oneof(anyText(20), fc.constantFrom('', 'NULL', 'null', '{}', '"', '\\', ',', ' a ', '{a,"b"}', "'")),
    { maxLength: 5 },
  ),
  uuids: fc.array(anyUuid, { maxLength: 4 }),
  integers: fc.array(int4, { maxLength: 4 }),
  bigints: fc.array(safe, { maxLength: 4 }),
  enums: fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }),
}

type OrNull<T> = { [K in keyof T]: T[K] extends fc.Arbitrary<infer V> ? fc.Arbitrary<V | null> : never }

function orNull<T extends Record<string, fc.Arbitrary<unknown>>>(arbitraries: T): OrNull<T> {
  const pairs = Object.entries(arbitraries).map(([name, value]) => [name, fc.option(value)])
  return Object.fromEntries(pairs) as OrNull<T>
}

/** Values for every column of `samples`, each of them null now and then. */
export const anySample: fc.Arbitrary<Omit<Sample, 'id' | 'batch' | 'n'>> = fc.record(orNull(values))

/** What must come out after `given` went in. JSON has one zero. */
export function expectedOf(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const pairs = sampleColumns.map((name) => {
    const value = given[name] ?? null
    const type = samples.columns[name as keyof typeof samples.columns].facts.type
    const checked = value === null ? null : type.check(value)
    return [name, type.kind === 'jsonb' ? JSON.parse(JSON.stringify(checked)) : checked]
  })
  return Object.fromEntries(pairs)
}
