import fc from 'fast-check'
import { sql as raw } from 'kysely'
import { describe, expect, it } from 'vitest'
import { anySample, expectedOf, type Sample, sampleColumns, samples } from '../../../testing/every-kind.ts'
import { type DatabaseFixture, forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import { type AnyColumn, computed, createSql, insertRow, updateRow } from '../index.ts'

const sql = createSql(samples)
const { untyped } = sql
const insert = insertRow(sql, samples)
const update = updateRow(sql, samples)
const newId = createUuidv7({ now: () => new Date() })

/** What a shape is asked for: the rows of one batch, in the order of `n`; row 0 is the parent of all others. */
interface Batch {
  batch: string
}

const declared = (name: string): AnyColumn => samples.columns[name as keyof typeof samples.columns]
const qualified = (source: string) => sampleColumns.map((name) => `${source}.${name}`)
const of = (p: Batch) =>
  untyped.selectFrom('samples').where('samples.batch', '=', p.batch).orderBy('samples.n')
const each = (wrap: (name: string) => ReturnType<typeof raw>) =>
  sampleColumns.map((name) => computed(wrap(name), declared(name)).as(name))

const blank = Object.fromEntries(Object.keys(samples.columns).map((name) => [name, null]))
const rowOf = (p: Record<string, unknown>) =>
  Object.fromEntries(Object.keys(samples.columns).map((name) => [name, p[name]]))

const insertReturning = sql.write((p: Record<string, unknown>) =>
  untyped.insertInto('samples').values(rowOf(p)).returningAll(),
)
const updateReturning = sql.write((p: Record<string, unknown>) =>
  untyped.updateTable('samples').set(rowOf(p)).where('id', '=', p.id).returning(sampleColumns),
)
const upsertReturning = sql.write((p: Record<string, unknown>) =>
  untyped
    .insertInto('samples')
    .values(rowOf(p))
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((eb) =>
          Object.fromEntries(sampleColumns.map((name) => [name, eb.ref(`excluded.${name}`)])),
        ),
    )
    .returningAll(),
)
const deleteReturning = sql.write((p: Record<string, unknown>) =>
  untyped
    .deleteFrom('samples')
    .where('id', '=', p.id)
    .returning(sampleColumns.map((name) => `${name} as was_${name}` as const)),
)

/** Every shape gives the value columns of each row of the batch, unless it says otherwise. */
const shapes = {
  '*': sql.read((p: Batch) => of(p).selectAll()),
  'named columns': sql.read((p: Batch) => of(p).select(sampleColumns)),
  'table.*': sql.read((p: Batch) => of(p).selectAll('samples')),
  'an aliased table': sql.read((p: Batch) =>
    untyped.selectFrom('samples as s').selectAll('s').where('s.batch', '=', p.batch).orderBy('s.n'),
  ),
  'a self-join': sql.read((p: Batch) =>
    untyped
      .selectFrom('samples as one')
      .innerJoin('samples as two', 'one.id', 'two.id')
      .select(qualified('two'))
      .where('one.batch', '=', p.batch)
      .orderBy('one.n'),
  ),
  'a left join': sql.read((p: Batch) =>
    untyped
      .selectFrom('samples as one')
      .leftJoin('samples as two', (join) => join.onRef('one.id', '=', 'two.id').on('two.batch', '=', p.batch))
      .select(qualified('two'))
      .where('one.batch', '=', p.batch)
      .orderBy('one.n'),
  ),
  CASE: sql.read((p: Batch) =>
    of(p).select(each((name) => raw`case when ${raw.ref('n')} >= 0 then ${raw.ref(name)} end`)),
  ),
  COALESCE: sql.read((p: Batch) => of(p).select(each((name) => raw`coalesce(${raw.ref(name)}, null)`))),
  'scalar subqueries': sql.read((p: Batch) =>
    untyped
      .selectFrom('samples as outer')
      .select((eb) =>
        sampleColumns.map((name) =>
          eb
            .selectFrom('samples as inner')
            .select(`inner.${name}`)
            .whereRef('inner.id', '=', 'outer.id')
            .as(name),
        ),
      )
      .where('outer.batch', '=', p.batch)
      .orderBy('outer.n'),
  ),
  'a derived table': sql.read((p: Batch) =>
    untyped.selectFrom(of(p).selectAll().as('derived')).selectAll().orderBy('derived.n'),
  ),
  'a CTE': sql.read((p: Batch) =>
    untyped
      .with('wanted', () => of(p).selectAll())
      .selectFrom('wanted')
      .select(sampleColumns)
      .orderBy('n'),
  ),
  'a recursive CTE': sql.read((p: Batch) =>
    untyped
      .withRecursive('tree', (db) =>
        db
          .selectFrom('samples')
          .selectAll()
          .where('batch', '=', p.batch)
          .where('parent_id', 'is', null)
          .unionAll((eb) =>
            eb
              .selectFrom('samples as child')
              .innerJoin('tree', 'tree.id', 'child.parent_id')
              .selectAll('child'),
          ),
      )
      .selectFrom('tree')
      .select(sampleColumns)
      .orderBy('tree.n'),
  ),
  DISTINCT: sql.read((p: Batch) =>
    untyped.selectFrom(of(p).selectAll().distinct().as('d')).select(qualified('d')).orderBy('d.n'),
  ),
  'GROUP BY': sql.read((p: Batch) =>
    of(p)
      .select(sampleColumns)
      .groupBy(['samples.n', ...sampleColumns]),
  ),
  UNION: sql.read((p: Batch) =>
    untyped
      .selectFrom(
        untyped
          .selectFrom('samples')
          .selectAll()
          .where('batch', '=', p.batch)
          .where('n', '=', 0)
          .unionAll(untyped.selectFrom('samples').selectAll().where('batch', '=', p.batch).where('n', '>', 0))
          .as('both'),
      )
      .select(qualified('both'))
      .orderBy('both.n'),
  ),
  'a UNION by itself': sql.read((p: Batch) =>
    untyped
      .selectFrom('samples')
      .select(['n', ...sampleColumns])
      .where('batch', '=', p.batch)
      .where('n', '=', 0)
      .unionAll(
        untyped
          .selectFrom('samples')
          .select(['n', ...sampleColumns])
          .where('batch', '=', p.batch)
          .where('n', '>', 0),
      )
      .orderBy('n'),
  ),
  'a window': sql.read((p: Batch) =>
    of(p).select(each((name) => raw`first_value(${raw.ref(name)}) over (partition by ${raw.ref('id')})`)),
  ),
}

const batches = fc.array(anySample, { minLength: 1, maxLength: 3 })

async function put(on: DatabaseFixture, given: readonly Partial<Sample>[]): Promise<string> {
  const batch = newId()
  const root = newId()
  await on.db.withSystem(async (tx) => {
    for (const [n, values] of given.entries()) {
      await insert(tx, {
        ...values,
        id: n === 0 ? root : newId(),
        batch,
        n,
        parent_id: n === 0 ? null : root,
      })
    }
  })
  return batch
}

const valuesOf = (row: unknown) => Object.fromEntries(sampleColumns.map((name) => [name, Object(row)[name]]))

forEachDatabase('any value', { tables: [samples] }, (on) => {
  describe('comes out as it went in', () => {
    it('through every shape of a read', async () => {
      await fc.assert(
        fc.asyncProperty(batches, async (given) => {
          const batch = await put(on, given)
          const expected = given.map(expectedOf)
          for (const [shape, read] of Object.entries(shapes)) {
            const rows = await read.all(on.db.asSystem(), { batch })
            expect({ shape, rows: rows.map(valuesOf) }).toEqual({ shape, rows: expected })
          }
        }),
        { numRuns: 40 },
      )
    })

    it('through RETURNING of insert, update, upsert and delete', async () => {
      await fc.assert(
        fc.asyncProperty(anySample, anySample, anySample, async (first, second, third) => {
          const row = (values: Partial<Sample>) => ({ ...blank, ...values, id, batch: id, n: 0 })
          const id = newId()
          await on.db.withSystem(async (tx) => {
            expect(valuesOf(await insertReturning.first(tx, row(first)))).toEqual(expectedOf(first))
            expect(valuesOf(await updateReturning.first(tx, row(second)))).toEqual(expectedOf(second))
            expect(valuesOf(await upsertReturning.first(tx, row(third)))).toEqual(expectedOf(third))
            const gone = Object(await deleteReturning.first(tx, row({})))
            const named = Object.fromEntries(sampleColumns.map((name) => [name, gone[`was_${name}`]]))
            expect(named).toEqual(expectedOf(third))
          })
        }),
        { numRuns: 40 },
      )
    })

    it('through updateRow, and stays when it is put in again', async () => {
      await fc.assert(
        fc.asyncProperty(anySample, anySample, async (first, second) => {
          const batch = await put(on, [first])
          const [{ id }] = (await shapes['*'].all(on.db.asSystem(), { batch })) as [{ id: string }]
          await on.db.withSystem((tx) => update(tx, { id }, second))
          const [once] = await shapes['*'].all(on.db.asSystem(), { batch })
          expect(valuesOf(once)).toEqual(expectedOf(second))
          await on.db.withSystem((tx) => update(tx, { id }, valuesOf(once)))
          expect((await shapes['*'].all(on.db.asSystem(), { batch }))[0]).toEqual(once)
        }),
        { numRuns: 40 },
      )
    })
  })
})
