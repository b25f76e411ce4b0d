import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createTestDatabase,
  migrateTestDatabase,
  type TestDatabase,
} from '../../../testing/for-each-database.ts'
import { historyMigrations, historyTables, KEYS } from '../../../testing/migration-history.ts'
import {
  computed,
  createSql,
  type Dialect,
  databaseDrift,
  defineMigration,
  dryRun,
  integer,
  type Migration,
  MigrationError,
  migrate,
  migrationStatus,
  openDatabase,
  openForMigration,
  QueryDefinitionError,
} from '../index.ts'

const sql = createSql(...historyTables)
const counted = sql.read((p: { nickname: string }) =>
  sql.untyped
    .selectFrom('keyring')
    .select((eb) => computed(eb.fn.countAll(), integer()).as('rows'))
    .where('nickname', '=', p.nickname),
)
const history = historyMigrations
const ids = history.map(({ id }) => id)

describe.each<Dialect>(['sqlite', 'postgres'])('a migration on %s', (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createTestDatabase(dialect)
  })
  afterEach(() => database.drop())

  const run = async (migrations: readonly Migration[], tables = historyTables) => {
    const connection = await openForMigration(database.location)
    try {
      return await migrate(connection, { migrations, tables })
    } finally {
      await connection.close()
    }
  }
  const status = async (migrations: readonly Migration[]) => {
    const connection = await openForMigration(database.location)
    try {
      return await migrationStatus(connection, migrations)
    } finally {
      await connection.close()
    }
  }
  const filled = async () => {
    const db = openDatabase(database.location)
    const rows = await counted.first(db.asSystem(), { nickname: 'kind 1' })
    await db.close()
    return rows
  }

  it('ends in the declared schema from nothing and from every earlier step, and does nothing the second time', async () => {
    for (let done = 0; done <= history.length; done++) {
      await database.drop()
      database = await createTestDatabase(dialect)
      if (done > 0)
        await run(
          history.slice(0, done),
          done < 2 ? historyTables.slice(0, 1) : historyTables.slice(0, done - 1),
        )
      expect(await run(history)).toEqual(ids.slice(done))
      expect(await run(history)).toEqual([])
      expect(await databaseDrift(database.location, historyTables)).toEqual([])
      expect(await filled()).toEqual({ rows: KEYS / 3 })
    }
  })

  it('runs each step once when four start together', async () => {
    const shares = await Promise.all([run(history), run(history), run(history), run(history)])
    expect(shares.flat().sort()).toEqual(ids)
    expect(await filled()).toEqual({ rows: KEYS / 3 })
  })

  it('is refused when its text changed after it was applied', async () => {
    await run(history.slice(0, 2), historyTables.slice(0, 1))
    const changed = history.map((migration, i) =>
      i === 1
        ? { ...migration, steps: [...migration.steps, { sqlite: [], postgres: ['select 1'] }] }
        : migration,
    )
    await expect(run(changed)).rejects.toThrow(MigrationError)
    expect((await status(history)).applied).toEqual(ids.slice(0, 2))
  })

  it('reports what a later version applied', async () => {
    await run(history)
    expect(await status(history.slice(0, 4))).toEqual({
      applied: ids.slice(0, 4),
      pending: [],
      unknown: ids.slice(4),
    })
  })

  it('changes nothing when a backfill fills another number of rows than it should', async () => {
    await run(history.slice(0, 1), historyTables.slice(0, 1))
    const [first, second] = history
    if (!first || !second) throw new Error('no history')
    const wrong = {
      'too few': {
        update: `update keyring set nickname = kind where kind = 'kind 1'`,
        remaining: 'select count(*) from keyring where nickname is null',
      },
      'too many': {
        update: 'update keyring set nickname = kind',
        remaining: `select count(*) from keyring where nickname is null and kind = 'kind 1'`,
      },
    }
    for (const backfill of Object.values(wrong)) {
      const broken = { ...second, steps: [...second.steps.slice(0, 1), backfill] }
      await expect(run([first, broken])).rejects.toThrow(/nothing was changed/)
      expect((await status(history)).applied).toEqual(ids.slice(0, 1))
    }
    expect(await run(history)).toEqual(ids.slice(1))
    expect(await databaseDrift(database.location, historyTables)).toEqual([])
  })

  it('changes nothing when one of its statements fails', async () => {
    const broken = defineMigration({
      id: '20300109-0000-keys-broken',
      steps: [
        {
          sqlite: ['create table half (id integer)', 'nonsense'],
          postgres: ['create table half (id integer)', 'nonsense'],
        },
      ],
    })
    await run(history)
    await expect(run([...history, broken])).rejects.toThrow()
    expect((await status([...history, broken])).pending).toEqual([broken])
    expect(await databaseDrift(database.location, historyTables)).toEqual([])
  })

  it('can be read as SQL beforehand', async () => {
    const text = dryRun(dialect, (await status(history)).pending)
    expect(text).toMatch(/^-- 20300101-0000-keys-table\ncreate table "keyring"/)
    expect(text).toContain('update keyring set nickname = kind where nickname is null;')
    expect(text).toContain(dialect === 'sqlite' ? 'uuid text not null' : 'enable row level security')
    expect((await status(history)).applied).toEqual([])
    expect(dryRun(dialect, [])).toBe('')
    await migrateTestDatabase(database.location, { tables: historyTables, migrations: history })
  })
})

describe('a history', () => {
  it('has ids that sort by date and are there once', async () => {
    expect(() => defineMigration({ id: 'fix', steps: [] })).toThrow(QueryDefinitionError)
    const { inOrder } = await import('./migration.ts')
    const [first] = history
    if (!first) throw new Error('no history')
    expect(() => inOrder([first, { ...first }])).toThrow(QueryDefinitionError)
    expect(inOrder(history.toReversed())).toEqual(history)
  })
})
