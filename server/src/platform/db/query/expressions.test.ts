import { DatabaseSync } from 'node:sqlite'
import { Type } from 'typebox'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  array,
  arrayContains,
  arrayOverlaps,
  canonical,
  computed,
  containsText,
  createSql,
  defineTable,
  enumOf,
  fullText,
  gin,
  InvalidValueError,
  index,
  insertRow,
  integer,
  jsonb,
  jsonMerge,
  jsonText,
  matchesWords,
  type NewRow,
  now,
  QueryDefinitionError,
  searchText,
  startsWithText,
  text,
  timestamptz,
  updateRow,
  uuid,
} from '../index.ts'

const Meta = Type.Object({
  theme: Type.String({ maxLength: 20 }),
  size: Type.Optional(Type.Number()),
  loud: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  deep: Type.Optional(Type.Object({ list: Type.Array(Type.Number()) })),
})
const pages = defineTable(
  'pages',
  {
    id: uuid().primaryKey(),
    title: canonical(100).default('untitled'),
    tags: array(text(30)).nullable(),
    ranks: array(integer()).default([]),
    moods: array(enumOf(['calm', 'loud'])).default([]),
    words: searchText(2_000).default(''),
    meta: jsonb(Meta).nullable(),
  },
  { access: { kind: 'system' }, indexes: [gin('tags'), fullText('words'), index('title')] },
)
const sql = createSql(pages)
const insert = insertRow(sql, pages)
const update = updateRow(sql, pages)
const newId = createUuidv7({ now: () => new Date() })
const at = <K extends keyof typeof pages.columns>(column: K) => ({ table: pages, column })

forEachDatabase('a portable expression', { tables: [pages] }, (on) => {
  const put = async (row: Omit<NewRow<typeof pages>, 'id'>) => {
    const id = newId()
    await on.db.withSystem((tx) => insert(tx, { ...row, id }))
    return id
  }
  const select = (id: string) => sql.from('pages').select('id').where('id', '=', id)
  const finds = async (build: () => ReturnType<typeof select>) =>
    (await sql.read(build).first(on.db.asSystem(), {})) !== undefined

  it('finds in arrays, and nothing in NULL', async () => {
    const id = await put({ tags: ['one', 'two,{"', "it's"], ranks: [3, -1], moods: ['loud'] })
    const contains = (...items: string[]) => finds(() => select(id).where(arrayContains(at('tags'), items)))
    const overlaps = (...items: string[]) => finds(() => select(id).where(arrayOverlaps(at('tags'), items)))
    expect(await contains('one', 'two,{"', "it's")).toBe(true)
    expect(await contains('one', 'three')).toBe(false)
    expect(await contains()).toBe(true)
    expect(await overlaps('three', 'one')).toBe(true)
    expect(await overlaps('On', 'ONE')).toBe(false)
    expect(await overlaps()).toBe(false)
    expect(await finds(() => select(id).where(arrayContains(at('ranks'), [-1])))).toBe(true)
    expect(await finds(() => select(id).where(arrayOverlaps(at('moods'), ['calm'])))).toBe(false)

    const empty = await put({ tags: null })
    for (const wrap of [arrayContains, arrayOverlaps]) {
      for (const items of [[], ['one']]) {
        expect(await finds(() => select(empty).where(wrap(at('tags'), items)))).toBe(false)
        expect(await finds(() => select(empty).where((eb) => eb.not(wrap(at('tags'), items))))).toBe(true)
      }
    }
  })

  it('takes arguments and table aliases', async () => {
    const id = await put({ tags: ['alias'], title: 'Alias' })
    const read = sql.read((p: { tags: string[]; part: string }) =>
      sql.builder
        .selectFrom('pages as p')
        .select('p.id')
        .where(arrayContains({ ...at('tags'), as: 'p' }, p.tags))
        .where(containsText({ ...at('title'), as: 'p' }, p.part)),
    )
    expect(await read.all(on.db.asSystem(), { tags: ['alias'], part: 'LIA' })).toEqual([{ id }])
    expect(await read.all(on.db.asSystem(), { tags: ['alias'], part: 'no' })).toEqual([])
    await expect(read.all(on.db.asSystem(), { tags: ['x'.repeat(31)], part: '' })).rejects.toThrow(
      InvalidValueError,
    )
  })

  it('reads a JSON path as text and gives null for objects and lists', async () => {
    const id = await put({ meta: { theme: 'dark "1"', size: 12, loud: false, deep: { list: [1] } } })
    const read = sql.read(() =>
      sql
        .from('pages')
        .where('id', '=', id)
        .select([
          computed(jsonText(at('meta'), ['theme']), text(50).nullable()).as('theme'),
          computed(jsonText(at('meta'), ['size']), text(50).nullable()).as('size'),
          computed(jsonText(at('meta'), ['loud']), text(50).nullable()).as('loud'),
          computed(jsonText(at('meta'), ['deep']), text(50).nullable()).as('deep'),
          computed(jsonText(at('meta'), ['deep', 'list']), text(50).nullable()).as('list'),
          computed(jsonText(at('meta'), ['none', 'at_all']), text(50).nullable()).as('none'),
        ]),
    )
    expect(await read.first(on.db.asSystem(), {})).toEqual({
      theme: 'dark "1"',
      size: '12',
      loud: 'false',
      deep: null,
      list: null,
      none: null,
    })
    expect(() => jsonText(at('meta'), ["a' or 1"])).toThrow(QueryDefinitionError)
  })

  it('merges JSON fields given as arguments, each replaced as a whole and checked', async () => {
    const id = await put({ meta: { theme: 'dark', size: 1, deep: { list: [1, 2] } } })
    const merge = sql.write((p: { id: string; theme: string; loud: boolean | null }) =>
      sql.builder
        .updateTable('pages')
        .set({ meta: jsonMerge(at('meta'), { theme: p.theme, loud: p.loud, deep: { list: [] } }) })
        .where('id', '=', p.id)
        .returning('meta'),
    )
    const run = (theme: string, loud: boolean | null) =>
      on.db.withSystem((tx) => merge.first(tx, { id, theme, loud }))
    expect(await run("it's", true)).toEqual({
      meta: { theme: "it's", size: 1, loud: true, deep: { list: [] } },
    })
    expect(await run('', null)).toEqual({ meta: { theme: '', size: 1, loud: null, deep: { list: [] } } })
    await expect(run('x'.repeat(21), true)).rejects.toThrow(InvalidValueError)
    const undeclared = { other: 1 } as object
    expect(() => jsonMerge(at('meta'), undeclared)).toThrow(QueryDefinitionError)
  })

  it('matches canonical text without case or width, and wildcards only as themselves', async () => {
    const id = await put({ title: 'Ｆoo_50%\\Bar' })
    const contains = (part: string) => finds(() => select(id).where(containsText(at('title'), part)))
    const starts = (part: string) => finds(() => select(id).where(startsWithText(at('title'), part)))
    for (const part of ['foo', 'FOO_', '50%', '\\BAR', '%\\b', '']) {
      expect({ part, found: await contains(part) }).toEqual({ part, found: true })
    }
    for (const part of ['f_o', '%%', 'o__', 'x', '\\%']) {
      expect({ part, found: await contains(part) }).toEqual({ part, found: false })
    }
    expect(await starts('FOO_5')).toBe(true)
    expect(await starts('')).toBe(true)
    expect(await starts('oo')).toBe(false)
    expect(await starts('f%')).toBe(false)
    expect(() => containsText(at('words'), 'x')).toThrow(QueryDefinitionError)
  })

  it('finds words without case or marks, the last one as a prefix, and no operator of either engine', async () => {
    const id = await put({ words: 'Ünïcode, Trading-Desk 12e5 don’t' })
    const matches = (terms: string) => finds(() => select(id).where(matchesWords(at('words'), terms)))
    for (const terms of ['desk TRAD', 'unicode 12e5', 'ÜNÏCODE', "don't", 'trading-desk', 'd']) {
      expect({ terms, found: await matches(terms) }).toEqual({ terms, found: true })
    }
    for (const terms of ['trad desk', '!!', '', `' or "x" NEAR(`, 'desk*x', 'NOT desk', 'words:desk AND']) {
      expect({ terms, found: await matches(terms) }).toEqual({ terms, found: false })
    }
  })

  it('finds the words that are there now: after update, upsert, delete, and on SQLite VACUUM', async () => {
    const [first, second, third] = [
      await put({ words: 'apple' }),
      await put({ words: 'pear' }),
      await put({ words: 'plum' }),
    ]
    const search = async (terms: string) => {
      const rows = await sql
        .read(() =>
          sql
            .from('pages')
            .select('id')
            .where(matchesWords(at('words'), terms)),
        )
        .all(on.db.asSystem(), {})
      return rows.map(({ id }) => id)
    }
    await on.db.withSystem((tx) => update(tx, { id: first }, { words: 'quince' }))
    expect(await search('apple')).toEqual([])
    expect(await search('quince')).toEqual([first])

    const upsert = sql.write((p: { id: string; words: string }) =>
      sql.builder
        .insertInto('pages')
        .values({ id: p.id, words: p.words })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((eb) => ({ words: eb.ref('excluded.words') })),
        ),
    )
    await on.db.withSystem((tx) => upsert.run(tx, { id: second, words: 'Medlar' }))
    expect(await search('pear')).toEqual([])
    expect(await search('medlar')).toEqual([second])

    const remove = sql.write((p: { id: string }) => sql.builder.deleteFrom('pages').where('id', '=', p.id))
    await on.db.withSystem((tx) => remove.run(tx, { id: first }))
    expect(await search('quince')).toEqual([])

    await expect(
      on.db.withSystem(async (tx) => {
        await update(tx, { id: third }, { words: 'rolled back' })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await search('rolled')).toEqual([])

    if (on.location.kind === 'sqlite') {
      const database = new DatabaseSync(on.location.path)
      database.exec(`vacuum; insert into pages_words_fts (pages_words_fts) values ('integrity-check')`)
      database.close()
    }
    expect(await search('plum')).toEqual([third])
    expect(await search('medlar')).toEqual([second])
  })

  it('tells the time of the database to the millisecond', async () => {
    await put({})
    const read = sql.read(() => sql.from('pages').select(computed(now(), timestamptz()).as('now')).limit(1))
    const { now: told } = (await read.first(on.db.asSystem(), {})) ?? { now: new Date(0) }
    expect(Math.abs(told.getTime() - Date.now())).toBeLessThan(5_000)
  })
})
