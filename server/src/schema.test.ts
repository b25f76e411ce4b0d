import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabaseSource } from './platform/db/copy/row-source.ts'
import {
  type Dialect,
  databaseDrift,
  type Migration,
  migrate,
  openForMigration,
} from './platform/db/index.ts'
import { inOrder } from './platform/db/migrate/migration.ts'
import { quoteName } from './platform/db/schema/quote.ts'
import { migrations, tables } from './schema.ts'
import { fillEveryTable, rowsOf, type Shape, shapeOf, tablesAfter } from './testing/every-table.ts'
import { createTestDatabase, type TestDatabase } from './testing/for-each-database.ts'
import { asOwner, type RawRows } from './testing/owner-queries.ts'

const history = inOrder(migrations)
/** Columns that a later step takes away, and what was in them with them. */
const TAKEN_AWAY = ['users.backup_codes']

const names = (shape: Shape) =>
  [...shape].flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`))

describe.each<Dialect>(['sqlite', 'postgres'])('the history of the product on %s', (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase(dialect)
  })
  afterEach(() => database.drop())

  const run = async (list: readonly Migration[]) => {
    const connection = await openForMigration(database.location)
    try {
      return await migrate(connection, { migrations: list, tables: tablesAfter(list) })
    } finally {
      await connection.close()
    }
  }

  /** Every row of these columns as the driver gives it, in the order of its table's key. */
  const stored = (shape: Shape) =>
    asOwner(database.location, async (query) => {
      const found = new Map<string, RawRows>()
      for (const [table, columns] of shape) {
        const { primaryKey = [] } = tables.find(({ name }) => name === table) ?? {}
        const text = `select ${columns.map(quoteName).join(', ')} from ${quoteName(table)} order by ${primaryKey.map(quoteName).join(', ')}`
        found.set(table, await query(text))
      }
      return found
    })

  /** The same as today's declarations read it for the serving role. */
  const served = async () => {
    const source = await openDatabaseSource(database.location)
    try {
      const found = new Map<string, unknown[]>()
      for (const table of tables) {
        const rows: unknown[] = []
        for await (const page of source.rows(table)) rows.push(...page)
        found.set(table.name, rows)
      }
      return found
    } finally {
      await source.close()
    }
  }

  it.each(history.map(({ id }, at) => [id, at + 1] as const))(
    'keeps every row of a database of step %s, and becomes what is declared',
    async (_id, steps) => {
      await run(history.slice(0, steps))
      const shape = await asOwner(database.location, async (query) => {
        const found = await shapeOf(query, dialect)
        await fillEveryTable(query, dialect, found)
        return found
      })
      const lasting: Shape = new Map(
        [...shape].map(([table, columns]) => [
          table,
          columns.filter((column) => !TAKEN_AWAY.includes(`${table}.${column}`)),
        ]),
      )
      const before = await stored(lasting)
      for (const [table, rows] of before) expect(rows.length, table).toBeGreaterThan(0)

      expect(await run(migrations)).toEqual(history.slice(steps).map(({ id }) => id))
      const after = await asOwner(database.location, (query) => shapeOf(query, dialect))
      const gone = names(shape).filter((name) => !names(after).includes(name))
      expect(TAKEN_AWAY).toEqual(expect.arrayContaining(gone))
      expect(await stored(lasting)).toEqual(before)
      expect(await databaseDrift(database.location, tables)).toEqual([])

      const seen = await served()
      for (const [table, columns] of lasting) {
        if (table === 'audit_head') expect(seen.get(table)).toHaveLength(1)
        else
          expect(seen.get(table), table).toEqual(
            expect.arrayContaining(rowsOf(table, columns).map((row) => expect.objectContaining(row))),
          )
      }
      const whole = await stored(after)
      expect(await run(migrations)).toEqual([])
      expect(await stored(after)).toEqual(whole)
    },
  )
})
