import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  createSql,
  type Db,
  defineTable,
  index,
  insertRow,
  integer,
  openDatabase,
  skipLocked,
  timestamptz,
  updateRow,
  uuid,
} from '../index.ts'

const tasks = defineTable(
  'tasks',
  {
    id: uuid().primaryKey(),
    due_at: timestamptz(),
    leased_until: timestamptz().nullable(),
    attempts: integer().default(0),
    done_at: timestamptz().nullable(),
  },
  { access: { kind: 'system' }, indexes: [{ ...index('due_at', 'id'), where: 'done_at is null' }] },
)
const sql = createSql(tasks)
const insert = insertRow(sql, tasks)
const finish = updateRow(sql, tasks)
const newId = createUuidv7({ now: () => new Date() })

/** The pattern for work that several workers share: take what is due and not leased, for a while. */
const claim = sql.write((p: { now: Date; until: Date; limit: number }) =>
  sql.builder
    .updateTable('tasks')
    .set((eb) => ({ leased_until: p.until, attempts: eb('attempts', '+', 1) }))
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('tasks as due')
        .select('due.id')
        .where('due.done_at', 'is', null)
        .where('due.due_at', '<=', p.now)
        .where((or) => or.or([or('due.leased_until', 'is', null), or('due.leased_until', '<', p.now)]))
        .orderBy('due.due_at')
        .orderBy('due.id')
        .limit(p.limit)
        .modifyEnd(skipLocked()),
    )
    .returning(['id', 'attempts']),
)

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

forEachDatabase('a claim with a lease', { tables: [tasks] }, (on) => {
  const claimed = (db: Db, second: number, limit = 3) =>
    db.withSystem((tx) => claim.all(tx, { now: at(second), until: at(second + 30), limit }))

  it('never gives one row to two workers, whatever process they are in', async () => {
    const ids = Array.from({ length: 100 }, newId)
    await on.db.withSystem(async (tx) => {
      for (const id of ids) await insert(tx, { id, due_at: at(0) })
    })
    const other = openDatabase(on.location)
    try {
      const work = async (db: Db) => {
        const mine: string[] = []
        for (;;) {
          const rows = await claimed(db, 1)
          if (rows.length === 0) return mine
          mine.push(...rows.map(({ id }) => id))
        }
      }
      const shares = await Promise.all([on.db, other, on.db, other].map(work))
      const all = shares.flat()
      expect(all).toHaveLength(100)
      expect(new Set(all)).toEqual(new Set(ids))
    } finally {
      await other.close()
    }
  })

  it('gives a row again only after its lease, and never once it is done', async () => {
    const id = newId()
    await on.db.withSystem((tx) => insert(tx, { id, due_at: at(500) }))
    expect(await claimed(on.db, 499, 1000)).not.toContainEqual(expect.objectContaining({ id }))
    const mine = async (second: number) => (await claimed(on.db, second, 1000)).filter((row) => row.id === id)
    expect(await mine(500)).toEqual([{ id, attempts: 1 }])
    expect(await mine(529)).toEqual([])
    expect(await mine(531)).toEqual([{ id, attempts: 2 }])
    expect(await on.db.withSystem((tx) => finish(tx, { id, done_at: null }, { done_at: at(532) }))).toBe(1)
    expect(await mine(600)).toEqual([])
  })
})
