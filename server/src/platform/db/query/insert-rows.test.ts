import { Type } from 'typebox'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import {
  createSql,
  defineTable,
  InvalidValueError,
  insertRows,
  integer,
  isUniqueViolation,
  jsonb,
  text,
} from '../index.ts'

const lines = defineTable(
  'lines',
  {
    number: integer().primaryKey(),
    words: text(20).default('nothing'),
    facts: jsonb(Type.Object({ even: Type.Boolean() })).nullable(),
  },
  { access: { kind: 'system' } },
)
const sql = createSql(lines)
const insert = insertRows(sql, lines)
const all = sql.read(() => sql.from('lines').selectAll().orderBy('number'))
const clear = sql.write(() => sql.builder.deleteFrom('lines'))

forEachDatabase('many rows', { tables: [lines] }, (on) => {
  const stored = () => all.all(on.db.asSystem(), {})
  const rowsOf = (count: number) =>
    Array.from({ length: count }, (_, number) => ({
      number,
      ...(number % 3 === 0 ? {} : { words: `line ${number}` }),
      facts: number % 5 === 0 ? null : { even: number % 2 === 0 },
    }))

  it.each([0, 1, 2, 3, 31, 32, 33, 100])(
    'are all there when they are %i, with what they leave out',
    async (count) => {
      await on.db.withSystem((tx) => clear.run(tx, {}))
      const rows = rowsOf(count)
      await on.db.withSystem((tx) => insert(tx, rows))
      expect(await stored()).toEqual(rows.map((row) => ({ words: 'nothing', ...row })))
    },
  )

  it('are none when one of them is refused, by the database or by its column', async () => {
    await on.db.withSystem((tx) => clear.run(tx, {}))
    const again = [...rowsOf(40), { number: 7, facts: null }]
    await expect(on.db.withSystem((tx) => insert(tx, again))).rejects.toSatisfy((error) =>
      isUniqueViolation(error, 'number'),
    )
    const tooLong = [...rowsOf(40), { number: 41, words: 'x'.repeat(21), facts: null }]
    await expect(on.db.withSystem((tx) => insert(tx, tooLong))).rejects.toThrow(InvalidValueError)
    await expect(on.db.withSystem((tx) => tx.last(insert(tx, tooLong)))).rejects.toThrow(InvalidValueError)
    expect(await stored()).toEqual([])
  })
})
