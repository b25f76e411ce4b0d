import { Type } from 'typebox'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import {
  array,
  arrayContains,
  arrayOverlaps,
  bigint,
  boolean,
  bytes,
  canonical,
  computed,
  containsText,
  createSql,
  databaseDrift,
  date,
  decimal,
  defineTable,
  double,
  enumOf,
  fullText,
  gin,
  index,
  insertRow,
  integer,
  isUniqueViolation,
  jsonb,
  jsonMerge,
  jsonText,
  keysetBefore,
  matchesWords,
  money,
  ownedBy,
  searchText,
  text,
  timestamptz,
  unique,
  updateRow,
  uuid,
  value,
} from './index.ts'

const notes = defineTable(
  'notes',
  {
    id: uuid().primaryKey(),
    owner_id: uuid(),
    title: text(200),
    meta: jsonb(Type.Object({ a: Type.Number(), b: Type.Optional(Type.Boolean()) })).nullable(),
    tags: array(text(50)).default([]),
    ok: boolean().default(true),
    created_at: timestamptz(),
    n: integer().default(0),
    big: bigint().nullable(),
    kind: enumOf(['x', 'y']).default('x'),
    kinds: array(enumOf(['x', 'y'])).default(['y']),
    blob: bytes(100).nullable(),
    words: searchText(5000),
    day: date().nullable(),
    price: decimal().nullable(),
    email: canonical(255),
    f: double().nullable(),
    amount: money().default(0),
  },
  {
    access: { kind: 'private', owner: 'owner_id' },
    indexes: [gin('tags'), fullText('words'), unique('email'), index('created_at', 'id')],
  },
)
const newId = createUuidv7({ now: () => new Date() })
const sql = createSql(notes)
const insert = insertRow(sql, notes)
const update = updateRow(sql, notes)
const at = (column: string) => ({ table: notes, column })
const byId = sql.read((p: { id: string }) => sql.from('notes').selectAll().where('id', '=', p.id))

forEachDatabase('the data layer', { tables: [notes] }, (on) => {
  it('has no drift after its migrations', async () => {
    expect(await databaseDrift(on.location, [notes])).toEqual([])
  })
  it('gives back what was put in', async () => {
    const id = newId()
    const owner = newId()
    const row = {
      id,
      owner_id: owner,
      title: "x'y",
      meta: { a: 1.5, b: true },
      tags: ['a,b', 'c"d\\', '', 'NULL', ' {} '],
      ok: false,
      created_at: new Date('2026-01-31T19:45:00.120Z'),
      n: -7,
      big: -9007199254740991,
      kind: 'y' as const,
      kinds: ['x' as const, 'y' as const],
      blob: new Uint8Array([0, 1, 255]),
      words: 'hello world 12e5',
      day: '2024-02-29',
      price: '-0.50',
      email: 'a@x.com',
      f: 1e300,
      amount: 12,
    }
    await on.db.withMember(owner, (tx) => insert(tx, row))
    expect(await byId.first(on.db.asMember(owner), { id })).toEqual(row)
    await on.db.withMember(owner, async (tx) => {
      expect(await update(tx, { id, owner_id: owner }, { n: 8, tags: ['q'] })).toBe(1)
    })
    expect(await byId.first(on.db.asMember(owner), { id })).toEqual({ ...row, n: 8, tags: ['q'] })
  })
  it('finds by portable expressions', async () => {
    const owner = newId()
    const id = newId()
    await on.db.withMember(owner, (tx) =>
      insert(tx, {
        id,
        owner_id: owner,
        title: 't',
        meta: { a: 5, b: false },
        tags: ['one', 'two'],
        created_at: new Date(),
        words: 'Ünïcode, Trading-Desk 12e5',
        email: `${id}@X.com`,
      }),
    )
    const find = async (condition: Parameters<ReturnType<typeof build>['where']>[0]) =>
      (
        await sql
          .read(() =>
            build()
              .where(condition as never)
              .where(ownedBy('notes.owner_id', owner)),
          )
          .all(on.db.asMember(owner), {})
      ).length
    const build = () => sql.from('notes').select('id')
    expect(await find(arrayContains(at('tags'), ['one', 'two']) as never)).toBe(1)
    expect(await find(arrayContains(at('tags'), ['one', 'three']) as never)).toBe(0)
    expect(await find(arrayOverlaps(at('tags'), ['one', 'three']) as never)).toBe(1)
    expect(await find(matchesWords(at('words'), 'trad desk') as never)).toBe(0)
    expect(await find(matchesWords(at('words'), 'desk TRAD') as never)).toBe(1)
    expect(await find(matchesWords(at('words'), 'unicode 12e5') as never)).toBe(1)
    expect(await find(matchesWords(at('words'), '!!') as never)).toBe(0)
    expect(await find(matchesWords(at('words'), `' or "x" NEAR(`) as never)).toBe(0)
    expect(await find(containsText(at('email'), '@x.COM') as never)).toBe(1)
    expect(await find(containsText(at('email'), '%%%') as never)).toBe(0)
    const read = sql.read((p: { path: string }) =>
      sql
        .from('notes')
        .select([
          computed(jsonText(at('meta'), ['b']), text(9)).as('b'),
          computed(jsonText(at('meta'), ['a']), text(9)).as('a'),
        ])
        .where('id', '=', p.path),
    )
    expect(await read.first(on.db.asMember(owner), { path: id })).toEqual({ a: '5', b: 'false' })
    const merge = sql.write((p: { id: string }) =>
      sql.builder
        .updateTable('notes')
        .set({ meta: jsonMerge(at('meta'), { a: 6 }) as never })
        .where('id', '=', p.id)
        .returningAll(),
    )
    expect((await on.db.withMember(owner, (tx) => merge.first(tx, { id })))?.meta).toEqual({ a: 6, b: false })
    const page = sql.read((p: { at: Date; id: string }) =>
      sql
        .from('notes')
        .select('id')
        .where(ownedBy('notes.owner_id', owner))
        .where(keysetBefore(['created_at', 'id'], [value(timestamptz(), p.at), value(uuid(), p.id)])),
    )
    expect(await page.all(on.db.asMember(owner), { at: new Date(Date.now() + 1000), id })).toEqual([{ id }])
    const inList = sql.read((p: { ids: string[] }) => sql.from('notes').select('id').where('id', 'in', p.ids))
    expect(await inList.all(on.db.asMember(owner), { ids: [id, newId()] })).toEqual([{ id }])
    await expect(
      on.db.withMember(owner, (tx) =>
        insert(tx, { id, owner_id: owner, title: '', created_at: new Date(), words: '', email: 'b' }),
      ),
    ).rejects.toSatisfy((e) => isUniqueViolation(e, 'id'))
  })
  it('refuses a computed column without a type', async () => {
    const q = sql.read(() => sql.from('notes').select((eb) => eb.fn.countAll().as('total')))
    await expect(q.all(on.db, {})).rejects.toThrow('computed')
  })
})
