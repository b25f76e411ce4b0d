import { expect, it } from 'vitest'
import { type Sample, samples } from '../../../testing/every-kind.ts'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  computed,
  createSql,
  InvalidValueError,
  insertRow,
  integer,
  keysetAfter,
  keysetBefore,
} from '../index.ts'

const sql = createSql(samples)
const insert = insertRow(sql, samples)
const newId = createUuidv7({ now: () => new Date() })
const instant = (day: number) => new Date(Date.UTC(2026, 0, day, 12, 0, 0, 7))

forEachDatabase('a parameter', { tables: [samples] }, (on) => {
  const put = async (rows: readonly Partial<Sample>[]) => {
    const batch = newId()
    await on.db.withSystem(async (tx) => {
      for (const [n, row] of rows.entries()) await insert(tx, { id: newId(), batch, n, ...row })
    })
    return batch
  }
  const read = (batch: string) => sql.from('samples').select('n').where('batch', '=', batch).orderBy('n')
  const found = async (build: () => ReturnType<typeof read>) =>
    (await sql.read(build).all(on.db.asSystem(), {})).map(({ n }) => n)

  it('finds by lists of every comparable kind, long, short and empty', async () => {
    const ids = [newId(), newId()]
    const batch = await put([
      {
        a_uuid: ids[0],
        a_text: 'a,b',
        a_canonical: 'Straße',
        an_integer: 5,
        a_bigint: 2 ** 52,
        a_double: 0.1,
        a_boolean: true,
        an_instant: instant(1),
        a_day: '2024-02-29',
        a_word: "it's",
        some_bytes: new Uint8Array([0, 255]),
      },
      {
        a_uuid: ids[1],
        a_text: '"}\\',
        a_canonical: 'x',
        an_integer: -5,
        a_bigint: -1,
        a_double: 5e-324,
        a_boolean: false,
        an_instant: instant(2),
        a_day: '0001-01-01',
        a_word: '42',
        some_bytes: new Uint8Array(),
      },
      {},
    ])
    const where = {
      a_uuid: [ids[0]?.toUpperCase()],
      a_text: ['a,b'],
      a_canonical: ['STRASSE', 'ＳTRAßE'],
      an_integer: [5, 6],
      a_bigint: [2 ** 52],
      a_double: [0.1],
      a_boolean: [true],
      an_instant: [instant(1)],
      a_day: ['2024-02-29'],
      a_word: ["it's", 'plain'],
      some_bytes: [new Uint8Array([0, 255])],
    }
    for (const [column, list] of Object.entries(where)) {
      const by = (operator: 'in' | 'not in') =>
        sql.read((p: { list: readonly unknown[] }) =>
          sql.untyped
            .selectFrom('samples')
            .select('n')
            .where('batch', '=', batch)
            .where(column, operator, p.list)
            .orderBy('n'),
        )
      const run = async (operator: 'in' | 'not in', given: readonly unknown[]) =>
        (await by(operator).all(on.db.asSystem(), { list: given })).map(({ n }) => n)
      expect({ column, n: await run('in', list) }).toEqual({ column, n: [0] })
      expect({ column, n: await run('not in', list) }).toEqual({ column, n: [1] })
      expect({ column, n: await run('in', []) }).toEqual({ column, n: [] })
      expect({ column, n: await run('not in', []) }).toEqual({ column, n: [0, 1, 2] })
    }
  })

  it('takes the type of the column beside it, on either side and in a CTE', async () => {
    const id = newId()
    const batch = await put([{ a_uuid: id, an_instant: instant(3), a_boolean: true, a_canonical: 'ÉCLAIR' }])
    const upper = id.toUpperCase()
    expect(await found(() => read(batch).where('a_uuid', '=', upper))).toEqual([0])
    expect(await found(() => read(batch).where('a_uuid', 'is', upper))).toEqual([0])
    expect(await found(() => read(batch).where('a_uuid', 'is not', upper))).toEqual([])
    expect(await found(() => read(batch).where((eb) => eb(eb.val(upper), '=', eb.ref('a_uuid'))))).toEqual([
      0,
    ])
    expect(await found(() => read(batch).where('a_canonical', '=', 'ｅ́clair'))).toEqual([0])
    expect(
      await found(() => read(batch).where((eb) => eb.between('an_instant', instant(3), instant(4)))),
    ).toEqual([0])
    expect(await found(() => read(batch).where('a_boolean', '=', true))).toEqual([0])
    const inCte = sql.read((p: { id: string; ids: string[] }) =>
      sql.builder
        .with('renamed', (db) =>
          db.selectFrom('samples').select(['a_uuid as other', 'n']).where('batch', '=', batch),
        )
        .selectFrom('renamed')
        .select('n')
        .where('other', '=', p.id)
        .where('other', 'in', p.ids),
    )
    expect(await inCte.all(on.db.asSystem(), { id: upper, ids: [upper] })).toEqual([{ n: 0 }])
    const having = sql.read((p: { least: number }) =>
      sql
        .from('samples')
        .select((eb) => computed(eb.fn.countAll(), integer()).as('rows'))
        .where('batch', '=', batch)
        .having((eb) => eb.fn.countAll(), '>=', p.least),
    )
    expect(await having.all(on.db.asSystem(), { least: 1 })).toEqual([{ rows: 1 }])
  })

  it('is refused when it is missing or not of its kind, before the database sees it', async () => {
    const byId = sql.read((p: { id: string }) => sql.from('samples').select('n').where('id', '=', p.id))
    for (const id of ['not-a-uuid', 5, undefined, new Date()] as string[]) {
      await expect(byId.all(on.db.asSystem(), { id })).rejects.toThrow(InvalidValueError)
    }
    const inList = sql.read((p: { ids: string[] }) =>
      sql.from('samples').select('n').where('id', 'in', p.ids),
    )
    for (const ids of [['no'], 'no', [null]] as string[][]) {
      await expect(inList.all(on.db.asSystem(), { ids })).rejects.toThrow(InvalidValueError)
    }
  })

  it('pages by row values in both directions, each of them typed by its column', async () => {
    const ids = Array.from({ length: 6 }, newId)
    const batch = await put(ids.map((id, n) => ({ id, an_instant: instant(1 + Math.floor(n / 2)) })))
    const page = (order: 'asc' | 'desc') =>
      sql.read((p: { batch: string; at: Date; id: string }) =>
        sql
          .from('samples')
          .select(['n', 'id', 'an_instant'])
          .where('batch', '=', p.batch)
          .where((order === 'asc' ? keysetAfter : keysetBefore)(['an_instant', 'samples.id'], [p.at, p.id]))
          .orderBy('an_instant', order)
          .orderBy('id', order)
          .limit(2),
      )
    const walk = async (order: 'asc' | 'desc') => {
      const seen: number[] = []
      let last =
        order === 'asc' ? { at: instant(0), id: ids[0] ?? '' } : { at: instant(30), id: ids[0] ?? '' }
      for (;;) {
        const rows = await page(order).all(on.db.asSystem(), { batch, ...last, id: last.id.toUpperCase() })
        const end = rows.at(-1)
        if (!end?.an_instant) return seen
        seen.push(...rows.map(({ n }) => n))
        last = { at: end.an_instant, id: end.id }
      }
    }
    expect(await walk('asc')).toEqual([0, 1, 2, 3, 4, 5])
    expect(await walk('desc')).toEqual([5, 4, 3, 2, 1, 0])
  })

  it('sorts NULL as the smallest value and text by its bytes', async () => {
    const batch = await put([{ a_text: 'b' }, {}, { a_text: 'B' }, { a_text: 'a' }, { a_text: 'É' }])
    const by = (order: 'asc' | 'desc') =>
      sql.read(() => sql.from('samples').select('n').where('batch', '=', batch).orderBy('a_text', order))
    const order = async (direction: 'asc' | 'desc') =>
      (await by(direction).all(on.db.asSystem(), {})).map(({ n }) => n)
    expect(await order('asc')).toEqual([1, 2, 3, 0, 4])
    expect(await order('desc')).toEqual([4, 0, 3, 2, 1])
    const joined = sql.read(() =>
      sql.builder
        .selectFrom('samples as a')
        .leftJoin('samples as b', (join) => join.onRef('a.id', '=', 'b.id').on('b.n', '>', 1))
        .select('a.n')
        .where('a.batch', '=', batch)
        .orderBy('b.n')
        .orderBy('a.n'),
    )
    expect((await joined.all(on.db.asSystem(), {})).map(({ n }) => n)).toEqual([0, 1, 2, 3, 4])
  })

  it('may be the size of a page', async () => {
    const batch = await put([{}, {}, {}])
    const page = sql.read((p: { limit: number; skip: number }) =>
      sql.from('samples').select('n').where('batch', '=', batch).orderBy('n').limit(p.limit).offset(p.skip),
    )
    expect(await page.all(on.db.asSystem(), { limit: 1, skip: 1 })).toEqual([{ n: 1 }])
  })

  it('adds to a column', async () => {
    const batch = await put([{ an_integer: 40 }])
    const add = sql.write((p: { by: number }) =>
      sql.builder
        .updateTable('samples')
        .set((eb) => ({ an_integer: eb('an_integer', '+', p.by) }))
        .where('batch', '=', batch)
        .returning('an_integer'),
    )
    expect(await on.db.withSystem((tx) => add.first(tx, { by: 2 }))).toEqual({ an_integer: 42 })
  })
})
