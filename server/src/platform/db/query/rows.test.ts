import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  array,
  boolean,
  createSql,
  defineTable,
  enumOf,
  insertRow,
  integer,
  isUniqueViolation,
  QueryDefinitionError,
  timestamptz,
  unique,
  updateRow,
  uuid,
} from '../index.ts'

const tokens = defineTable(
  'tokens',
  {
    id: uuid().primaryKey(),
    kind: enumOf(['1', "it's"]).default("it's"),
    number: enumOf(['1', '2']).default('1'),
    uses: integer().default(3),
    is_live: boolean().default(true),
    scopes: array(enumOf(['a', 'b'])).default(['a', 'b']),
    used_at: timestamptz().nullable(),
    slot: integer().nullable(),
  },
  {
    access: { kind: 'system' },
    indexes: [{ ...unique('slot'), where: 'used_at is null' }],
  },
)
const sql = createSql(tokens)
const insert = insertRow(sql, tokens)
const update = updateRow(sql, tokens)
const newId = createUuidv7({ now: () => new Date() })
const byId = sql.read((p: { id: string }) => sql.from('tokens').selectAll().where('id', '=', p.id))
const WHEN = new Date('2026-01-31T00:00:00.001Z')

forEachDatabase('a row', { tables: [tokens] }, (on) => {
  it('gets the declared defaults from insertRow and from plain SQL alike', async () => {
    const ids = [newId(), newId()]
    const plain = sql.write((p: { id: string }) => sql.builder.insertInto('tokens').values({ id: p.id }))
    await on.db.withSystem(async (tx) => {
      await insert(tx, { id: ids[0] ?? '', uses: undefined })
      await plain.run(tx, { id: ids[1] ?? '' })
    })
    for (const id of ids) {
      expect(await byId.first(on.db.asSystem(), { id })).toEqual({
        id,
        kind: "it's",
        number: '1',
        uses: 3,
        is_live: true,
        scopes: ['a', 'b'],
        used_at: null,
        slot: null,
      })
    }
  })

  it('changes only where null is null, so that a token is spent once', async () => {
    const id = newId()
    await on.db.withSystem((tx) => insert(tx, { id }))
    const spend = () => on.db.withSystem((tx) => update(tx, { id, used_at: null }, { used_at: WHEN }))
    expect(await Promise.all([spend(), spend(), spend()])).toEqual([1, 0, 0])
    expect(await on.db.withSystem((tx) => update(tx, { id, used_at: WHEN }, { used_at: null }))).toBe(1)
  })

  it('stays as it is where a patch says nothing', async () => {
    const id = newId()
    await on.db.withSystem((tx) => insert(tx, { id }))
    const before = await byId.first(on.db.asSystem(), { id })
    expect(await on.db.withSystem((tx) => update(tx, { id }, { uses: undefined }))).toBe(0)
    expect(await byId.first(on.db.asSystem(), { id })).toEqual(before)
    await expect(on.db.withSystem(async (tx) => update(tx, {}, { uses: 1 }))).rejects.toThrow(
      QueryDefinitionError,
    )
  })

  it('is unique only where the partial index says so', async () => {
    const put = (slot: number, used_at: Date | null) =>
      on.db.withSystem((tx) => insert(tx, { id: newId(), slot, used_at }))
    await put(1, WHEN)
    await put(1, WHEN)
    await put(1, null)
    await expect(put(1, null)).rejects.toSatisfy((error) => isUniqueViolation(error, 'slot'))
  })

  it('is put in or changed by one upsert, whoever comes first', async () => {
    const count = sql.write((p: { id: string; by: number }) =>
      sql.builder
        .insertInto('tokens')
        .values({ id: p.id, uses: p.by })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet((eb) => ({ uses: eb('tokens.uses', '+', eb.ref('excluded.uses')) })),
        )
        .returning('uses'),
    )
    const id = newId()
    const seen = await Promise.all(
      Array.from({ length: 20 }, () => on.db.withSystem((tx) => count.first(tx, { id, by: 2 }))),
    )
    expect(seen.map((row) => row?.uses).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 20 }, (_, i) => 2 * (i + 1)),
    )
  })
})
