import { describe, expect, it, onTestFinished } from 'vitest'
import { copySchema, fillCopyTables, readCopyTables } from '../../../testing/copy-tables.ts'
import { createTestDatabase, migrateTestDatabase } from '../../../testing/for-each-database.ts'
import { type Dialect, defineMigration, openDatabase } from '../index.ts'
import { copyDatabase } from './copy-database.ts'

const ROWS = 2_345
const schema = copySchema

async function emptyDatabase(dialect: Dialect) {
  const { location, drop } = await createTestDatabase(dialect)
  onTestFinished(drop)
  return location
}

async function filledDatabase(dialect: Dialect, rows = 20) {
  const location = await emptyDatabase(dialect)
  await migrateTestDatabase(location, schema)
  const db = openDatabase(location)
  await fillCopyTables(db, rows)
  await db.close()
  return location
}

async function contentOf(location: Awaited<ReturnType<typeof emptyDatabase>>) {
  const db = openDatabase(location)
  try {
    return await readCopyTables(db)
  } finally {
    await db.close()
  }
}

describe.each<[Dialect, Dialect]>([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
  ['sqlite', 'sqlite'],
  ['postgres', 'postgres'],
])('a copy from %s to %s', (source, target) => {
  it('holds every row of every column kind, and so does the copy of the copy', async () => {
    const from = await filledDatabase(source, ROWS)
    const [to, back] = [await emptyDatabase(target), await emptyDatabase(source)]
    const there = await copyDatabase(from, to, { schema })
    const again = await copyDatabase(to, back, { schema })

    const original = await contentOf(from)
    expect(original.things).toHaveLength(ROWS)
    expect(await contentOf(to)).toEqual(original)
    expect(await contentOf(back)).toEqual(original)
    expect(again).toEqual(there)
    expect(there.map(({ table, rows }) => [table, rows])).toEqual([
      ['things', ROWS],
      ['notes', ROWS],
      ['ledger', ROWS],
      ['heads', 1],
    ])
  })
})

describe.each<Dialect>(['sqlite', 'postgres'])('a copy into %s', (target) => {
  it('refuses a database with rows and leaves it as it was', async () => {
    const [from, to] = [await filledDatabase('sqlite', 5), await filledDatabase(target, 3)]
    const before = await contentOf(to)
    await expect(copyDatabase(from, to, { schema })).rejects.toThrow(
      'The target is not empty (things has 3 rows)',
    )
    expect(await contentOf(to)).toEqual(before)
  })

  it('refuses a database with rows at an older version without migrating it', async () => {
    const [from, to] = [await filledDatabase('sqlite', 5), await filledDatabase(target, 3)]
    const newer = { id: '20990101-0000-test-newer', steps: [{ sqlite: ['x'], postgres: ['x'] }] }
    const later = { ...schema, migrations: [...schema.migrations, defineMigration(newer)] }
    await expect(copyDatabase(from, to, { schema: later })).rejects.toThrow('made by an older version')
    expect((await contentOf(to)).things).toHaveLength(3)
  })

  it('stops when it is told to, leaves nothing, and can be run again', async () => {
    const [from, to] = [await filledDatabase('sqlite', 1_500), await emptyDatabase(target)]
    const stop = new AbortController()
    const onProgress = () => stop.abort(new Error('stopped by the operator'))
    await expect(copyDatabase(from, to, { schema, onProgress, signal: stop.signal })).rejects.toThrow(
      'stopped by the operator',
    )
    expect((await contentOf(to)).things).toEqual([])
    await copyDatabase(from, to, { schema })
    expect(await contentOf(to)).toEqual(await contentOf(from))
  })
})
