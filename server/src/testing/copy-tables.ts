import { Type } from 'typebox'
import {
  array,
  bigint,
  boolean,
  bytes,
  canonical,
  createSql,
  type Db,
  date,
  decimal,
  defineMigration,
  defineTable,
  double,
  enumOf,
  fullText,
  index,
  insertRow,
  integer,
  jsonb,
  money,
  type NewRow,
  sealed,
  searchText,
  text,
  timestamptz,
  unique,
  uuid,
} from '../platform/db/index.ts'
import { migrationFor } from './for-each-database.ts'

const colours = ['red', 'green', "rock'n'roll"] as const

/** One column of every kind, again where null is allowed, and a reference to rows of its own. */
export const things = defineTable(
  'things',
  {
    id: uuid().primaryKey(),
    parent_id: uuid().references('things', 'id', 'cascade').nullable(),
    words: text(200),
    name: canonical(80),
    search: searchText(400),
    count: integer(),
    big: bigint(),
    price: money(),
    exact: decimal(),
    ratio: double(),
    is_on: boolean(),
    at: timestamptz(),
    day: date(),
    doc: jsonb(Type.Unknown()),
    tags: array(text(40)),
    ids: array(uuid()),
    numbers: array(integer()),
    colours: array(enumOf(colours)),
    colour: enumOf(colours),
    blob: bytes(1000),
    secret: sealed(['id', 'id']).nullable(),
    empty_text: text(10).nullable(),
    empty_doc: jsonb(Type.Unknown()).nullable(),
    empty_at: timestamptz().nullable(),
    empty_list: array(text(10)).nullable(),
    empty_blob: bytes(10).nullable(),
    empty_number: bigint().nullable(),
  },
  {
    access: { kind: 'private', owner: 'id' },
    indexes: [unique('name', 'id'), index('at'), fullText('search')],
  },
)

export const notes = defineTable(
  'notes',
  {
    id: uuid().primaryKey(),
    thing_id: uuid().references('things', 'id', 'cascade'),
    body: text(100),
  },
  { access: { kind: 'private', owner: 'thing_id' }, indexes: [index('thing_id')] },
)

/** A key of two columns, one of them an instant. */
export const ledger = defineTable(
  'ledger',
  { kind: text(10), at: timestamptz(), amount: money() },
  { access: { kind: 'internal' }, primaryKey: ['kind', 'at'], isAppendOnly: true },
)

/** One row, made by a migration. */
export const heads = defineTable(
  'heads',
  { id: integer().primaryKey(), value: text(20) },
  { access: { kind: 'open' } },
)

export const copyTables = [things, notes, ledger, heads] as const

const seed = `insert into "heads" ("id", "value") values (1, 'new')`

/** Everything that makes these tables. */
export const copySchema = {
  tables: copyTables,
  migrations: [
    migrationFor(copyTables),
    defineMigration({ id: '20000101-0001-test-seed', steps: [{ sqlite: [seed], postgres: [seed] }] }),
  ],
}

const sql = createSql(...copyTables)
const insertThing = insertRow(sql, things)
const insertNote = insertRow(sql, notes)
const insertLedger = insertRow(sql, ledger)
const setHead = sql.write((p: { value: string }) =>
  sql.builder.updateTable('heads').set({ value: p.value }).where('id', '=', 1),
)
const pointAt = sql.write((p: { id: string; parent_id: string }) =>
  sql.builder.updateTable('things').set({ parent_id: p.parent_id }).where('id', '=', p.id),
)

const uuidOf = (i: number, kind: number): string =>
  `${i.toString(16).padStart(8, '0')}-000${kind}-7000-8000-${((i * 7919) % 65_536).toString(16).padStart(12, '0')}`

const TEXTS = [
  '',
  'plain',
  '\u2028 line',
  'a\tb\nc',
  'ß Σ İ',
  '👩‍💻',
  '"quoted" \\ {a,b}',
  'NULL',
  '٣',
  "it's",
]
const DOUBLES = [0, 0.1, -1.5, 5e-324, 1.7976931348623157e308, 1e21, 2 ** 53 + 2, -1e-7]
const DECIMALS = ['0', '0.10', '-12.500', '99999999999999999999999999999999999999', '0.000000000000000001']
const BIGS = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1_234_567]
const DATES = ['0001-01-01', '1969-12-31', '2000-02-29', '9999-12-31']
const MOMENTS = ['0001-01-01T00:00:00.000Z', '0099-05-05T05:05:05.005Z', '1969-12-31T23:59:59.999Z']
const MORE_MOMENTS = ['2026-03-29T01:30:00.100Z', '9999-12-31T23:59:59.999Z', '2000-01-01T00:00:00.000Z']
const DOCUMENTS = [
  {},
  [],
  'text',
  1.5,
  false,
  { z: 1, a: { '': [null, 'é', 1e21, 5e-324] }, 10: 'ten', 9: 'nine' },
  [[], [{}], '\\u0000'],
]

const pick = <T>(list: readonly T[], i: number): T => {
  const item = list[i % list.length]
  if (item === undefined) throw new Error('An empty list has nothing to pick.')
  return item
}

function thing(i: number): NewRow<typeof things> {
  const moment = pick([...MOMENTS, ...MORE_MOMENTS], i)
  const isSet = i % 3 === 0
  return {
    id: uuidOf(i, 1),
    words: pick(TEXTS, i),
    name: `Name ${i}`,
    search: `${pick(TEXTS, i)} crème ${i}`,
    count: i % 2 === 0 ? i : -2_147_483_647,
    big: pick(BIGS, i),
    price: pick(BIGS, i + 1),
    exact: pick(DECIMALS, i),
    ratio: pick(DOUBLES, i),
    is_on: i % 2 === 0,
    at: new Date(moment),
    day: pick(DATES, i),
    doc: pick(DOCUMENTS, i),
    tags: i % 4 === 0 ? [] : [pick(TEXTS, i), pick(TEXTS, i + 1)],
    ids: i % 5 === 0 ? [] : [uuidOf(i, 2), uuidOf(i, 3)],
    numbers: [i, -i],
    colours: i % 2 === 0 ? [...colours] : [],
    colour: pick(colours, i),
    blob: Uint8Array.from({ length: i % 300 }, (_, n) => (n * i) % 256),
    secret: isSet ? Uint8Array.from({ length: 64 + (i % 9) }, (_, n) => (n + i) % 256) : null,
    empty_text: isSet ? '' : null,
    empty_doc: isSet ? [1] : null,
    empty_at: isSet ? new Date(moment) : null,
    empty_list: isSet ? [] : null,
    empty_blob: isSet ? new Uint8Array() : null,
    empty_number: isSet ? 0 : null,
  }
}

/** Fills the tables with `rows` things whose values meet every corner of their kinds. */
export async function fillCopyTables(db: Db, rows: number): Promise<void> {
  await db.withSystem(async (tx) => {
    for (let i = 1; i <= rows; i++) {
      await insertThing(tx, thing(i))
      await insertNote(tx, { id: uuidOf(i, 4), thing_id: uuidOf(i, 1), body: pick(TEXTS, i) })
      await insertLedger(tx, { kind: pick(['in', 'OUT', 'ä'], i), at: new Date(i * 1000), amount: i })
    }
    await setHead.run(tx, { value: `after ${rows}` })
    for (let i = 1; i <= rows; i += 2) {
      await pointAt.run(tx, { id: uuidOf(i, 1), parent_id: uuidOf(rows + 1 - i, 1) })
    }
  })
}

const readThings = sql.read(() => sql.from('things').selectAll().orderBy('id'))
const readNotes = sql.read(() => sql.from('notes').selectAll().orderBy('id'))
const readHeads = sql.read(() => sql.from('heads').selectAll())
const readLedger = sql.read(() => sql.from('ledger').selectAll().orderBy('kind').orderBy('at'))

/** Every row as the application reads it. */
export async function readCopyTables(db: Db) {
  const system = db.asSystem()
  return {
    things: await readThings.all(system, {}),
    notes: await readNotes.all(system, {}),
    ledger: await readLedger.all(system, {}),
    heads: await readHeads.all(system, {}),
  }
}
