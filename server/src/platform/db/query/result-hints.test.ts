import { sql as raw } from 'kysely'
import { describe, expect, it } from 'vitest'
import { samples } from '../../../testing/every-kind.ts'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  boolean,
  computed,
  createSql,
  double,
  InvalidValueError,
  insertRow,
  integer,
  money,
  QueryDefinitionError,
  text,
  timestamptz,
  uuid,
} from '../index.ts'

const sql = createSql(samples)
const insert = insertRow(sql, samples)
const newId = createUuidv7({ now: () => new Date() })

forEachDatabase('a result that the engine computes', { tables: [samples] }, (on) => {
  const untypedSelections = {
    count: sql.read(() => sql.from('samples').select((eb) => eb.fn.countAll().as('x'))),
    max: sql.read(() => sql.from('samples').select((eb) => eb.fn.max('an_instant').as('x'))),
    cast: sql.read(() => sql.from('samples').select(raw`cast(n as text)`.as('x'))),
    comparison: sql.read(() => sql.from('samples').select((eb) => eb('n', '>', 0).as('x'))),
    case: sql.read(() =>
      sql.from('samples').select((eb) => eb.case().when('n', '>', 0).then(eb.ref('n')).end().as('x')),
    ),
    constant: sql.read(() => sql.from('samples').select((eb) => eb.val('here').as('x'))),
    'derived count': sql.read(() =>
      sql.builder
        .selectFrom((eb) =>
          eb
            .selectFrom('samples')
            .select((inner) => inner.fn.countAll().as('x'))
            .as('counted'),
        )
        .select('counted.x'),
    ),
    'count in a CTE': sql.read(() =>
      sql.builder
        .with('counted', (db) => db.selectFrom('samples').select((eb) => eb.fn.countAll().as('x')))
        .selectFrom('counted')
        .selectAll(),
    ),
    'count in a scalar subquery': sql.read(() =>
      sql.from('samples').select((eb) => eb.selectFrom('samples').select(eb.fn.countAll().as('y')).as('x')),
    ),
    returning: sql.write(() =>
      sql.builder
        .deleteFrom('samples')
        .where('n', '=', -1)
        .returning((eb) => eb('n', '+', 1).as('x')),
    ),
  }
  for (const [shape, statement] of Object.entries(untypedSelections)) {
    it(`is refused without computed(…): ${shape}`, async () => {
      const run = on.db.withSystem((tx) => statement.all(tx, {}))
      await expect(run).rejects.toThrow(QueryDefinitionError)
      await expect(run).rejects.toThrow('wrap it in computed')
    })
  }

  it('has the declared type with computed(…)', async () => {
    const batch = newId()
    await on.db.withSystem(async (tx) => {
      for (const n of [1, 2, 4]) {
        const an_instant = new Date(Date.UTC(2026, 0, n, 0, 0, 0, n))
        await insert(tx, { id: newId(), batch, n, an_instant, some_money: 2 ** 50 + n, a_boolean: n === 2 })
      }
    })
    const read = sql.read((p: { batch: string }) =>
      sql
        .from('samples')
        .where('batch', '=', p.batch)
        .select(({ fn, exists, selectFrom, eb }) => [
          computed(fn.countAll(), integer()).as('rows'),
          computed(fn.sum('some_money'), money()).as('total'),
          computed(fn.avg('n'), double()).as('mean'),
          computed(fn.max('an_instant'), timestamptz()).as('newest'),
          computed(fn.max('a_text'), text(40).nullable()).as('nothing'),
          computed(exists(selectFrom('samples').select('id').where('n', '=', -5)), boolean()).as('has_none'),
          computed(eb(fn.countAll(), '>', 1), boolean()).as('has_many'),
          computed(fn.count('a_boolean').filterWhere('a_boolean', 'is', true), integer()).as('yes'),
        ]),
    )
    expect(await read.first(on.db.asSystem(), { batch })).toEqual({
      rows: 3,
      total: 3 * 2 ** 50 + 7,
      mean: 7 / 3,
      newest: new Date('2026-01-04T00:00:00.004Z'),
      nothing: null,
      has_none: false,
      has_many: true,
      yes: 1,
    })
  })

  it('is refused when computed(…) names the wrong type', async () => {
    const batch = newId()
    await on.db.withSystem((tx) => insert(tx, { id: newId(), batch, n: 3, a_text: 'x' }))
    const wrong = [
      sql.read(() => sql.from('samples').select((eb) => computed(eb.fn.max('a_text'), integer()).as('x'))),
      sql.read(() =>
        sql.from('samples').select((eb) => computed(eb.fn.max('a_text'), timestamptz()).as('x')),
      ),
      sql.read(() => sql.from('samples').select((eb) => computed(eb.fn.max('a_text'), boolean()).as('x'))),
      sql.read(() => sql.from('samples').select((eb) => computed(eb.fn.max('a_text'), uuid()).as('x'))),
      sql.read(() =>
        sql.from('samples').select(computed(raw`avg(n) + 0.5`, integer()).as('x')).where('batch', '=', batch),
      ),
    ]
    for (const read of wrong) {
      await expect(read.all(on.db.asSystem(), {})).rejects.toThrow(InvalidValueError)
    }
  })

  it('is refused beyond 2^53 instead of losing digits', async () => {
    const batch = newId()
    await on.db.withSystem(async (tx) => {
      for (const n of [1, 2]) {
        await insert(tx, { id: newId(), batch, n, some_money: Number.MAX_SAFE_INTEGER })
      }
    })
    const read = sql.read((p: { batch: string }) =>
      sql
        .from('samples')
        .where('batch', '=', p.batch)
        .select((eb) => computed(eb.fn.sum('some_money'), money()).as('total')),
    )
    const sum = read.all(on.db.asSystem(), { batch })
    await expect(sum).rejects.toThrow(InvalidValueError)
    await expect(sum).rejects.not.toThrow(/\d{6}/)
  })
})

describe('a statement that one row object could not hold or one engine reads differently', () => {
  const target = { dialect: 'sqlite', ownerPredicates: true } as const
  const refused = {
    'two result columns of one name': () =>
      sql.builder
        .selectFrom('samples as a')
        .innerJoin('samples as b', 'a.id', 'b.parent_id')
        .select(['a.id', 'b.id']),
    'UNION arms of different types': () =>
      sql.untyped
        .selectFrom('samples')
        .select('a_text as x')
        .union(sql.untyped.selectFrom('samples').select('some_json as x')),
    'a WITH named like a table': () =>
      sql.builder
        .with('samples', (db) => db.selectFrom('samples').select('id'))
        .selectFrom('samples')
        .select('id'),
    LIKE: () => sql.from('samples').select('id').where('a_text', 'like', 'A%'),
    'an array operator': () => sql.from('samples').select('id').where('texts', '@>', ['a']),
    'equal JSON': () => sql.from('samples').select('id').where('some_json', '=', {}),
    'a decimal by size': () => sql.from('samples').select('id').where('a_decimal', '<', '1'),
    'ORDER BY a decimal': () => sql.from('samples').select('id').orderBy('a_decimal'),
    'rows of different columns': () =>
      sql.builder.insertInto('samples').values([
        { id: newId(), batch: newId(), n: 1 },
        { id: newId(), batch: newId(), n: 1, a_text: 'x' },
      ]),
  }
  for (const [what, build] of Object.entries(refused)) {
    it(`is refused: ${what}`, () => {
      expect(() => sql.read(build).sqlFor(target)).toThrow(QueryDefinitionError)
    })
  }
})
