import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase } from '../../../testing/for-each-database.ts'
import {
  createSql,
  DatabaseUnavailableError,
  type Db,
  defineTable,
  insertRow,
  integer,
  isUniqueViolation,
  openDatabase,
  text,
} from '../index.ts'

const notes = defineTable(
  'notes',
  { id: integer().primaryKey(), body: text(10) },
  { access: { kind: 'system' } },
)
const sql = createSql(notes)
const insert = insertRow(sql, notes)
const ids = sql.read(() => sql.from('notes').select('id').orderBy('id'))

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of closers.splice(0).reverse()) await close()
})

interface Opened {
  readonly db: Db
  /** Another process, so to speak. */
  readonly other: DatabaseSync
}

async function open(): Promise<Opened> {
  const database = await createTestDatabase('sqlite')
  closers.push(() => database.drop())
  const other = new DatabaseSync(database.location.kind === 'sqlite' ? database.location.path : '')
  other.exec('pragma journal_mode = wal; create table notes (id integer primary key, body text)')
  closers.push(async () => other.close())
  const db = await openDatabase(database.location)
  closers.push(() => db.close())
  return { db, other }
}

const add = (db: Db, id: number, body = 'a') => db.withSystem((tx) => insert(tx, { id, body }))
const addTwo = (db: Db, id: number, between?: Promise<void>) =>
  db.withSystem(async (tx) => {
    await insert(tx, { id, body: 'a' })
    await between
    await insert(tx, { id: id + 1, body: 'a' })
  })
const stored = async (db: Db) => (await ids.all(db.asSystem(), {})).map(({ id }) => id)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const walPages = (other: DatabaseSync) => Number(other.prepare('pragma wal_checkpoint').get()?.log)

/** What everybody takes for the time, from 0 on, and how often they looked. */
function givenClock() {
  let now = 0
  const looking = vi.spyOn(performance, 'now').mockImplementation(() => now)
  return {
    set(to: number) {
      now = to
    },
    readings(count: number) {
      const before = looking.mock.calls.length
      return vi.waitUntil(() => looking.mock.calls.length >= before + count)
    },
  }
}

describe('transactions of one write in one turn of the event loop', () => {
  it('are committed together, more of them than fit into one commit too', async () => {
    const { db, other } = await open()
    other.exec('pragma wal_checkpoint(truncate)')
    await Promise.all(upTo(100).map((id) => add(db, id)))
    expect(walPages(other)).toBeLessThan(20)
    await Promise.all(upTo(300).map((i) => add(db, 1_000 + i)))
    expect(await stored(db)).toHaveLength(400)
  })

  const each = (db: Db) => upTo(20).map((id) => add(db, id))
  const both = (db: Db) => [addTwo(db, 0)]
  describe.each([
    { way: 'in one commit', before: 2, writing: each, ids: upTo(20) },
    { way: 'one after the other', before: 1, writing: each, ids: upTo(20) },
    { way: 'with a write more', before: 1, writing: both, ids: upTo(2) },
  ])('$way', ({ before, writing, ids }) => {
    it('wait two seconds in all for another process that holds the write lock, and are not there then', async () => {
      const clock = givenClock()
      const { db, other } = await open()
      const earlier = upTo(before).map((i) => 100 + i)
      await Promise.all(earlier.map((id) => add(db, id))) // so many decide how the next ones are committed
      other.exec('begin immediate')
      const waiting = writing(db)
      const ends: unknown[] = []
      for (const write of waiting) write.catch((error: unknown) => error).then((end) => ends.push(end))
      clock.set(1_999)
      await clock.readings(5)
      expect(ends).toEqual([])
      clock.set(2_000)
      await vi.waitUntil(() => ends.length === waiting.length, { timeout: 10_000 })
      for (const end of ends) expect(end).toBeInstanceOf(DatabaseUnavailableError)
      other.exec('rollback')
      expect(await stored(db)).toEqual(earlier)
      await Promise.all(writing(db))
      expect(await stored(db)).toEqual([...ids, ...earlier])
    })
  })

  it('take nobody along whose time is over while another process writes', async () => {
    const clock = givenClock()
    const { db, other } = await open()
    other.exec('begin immediate')
    const early = add(db, 0)
    clock.set(1_500)
    const late = upTo(5).map((id) => add(db, 10 + id))
    clock.set(2_000)
    await expect(early).rejects.toThrow(DatabaseUnavailableError)
    other.exec('rollback')
    await Promise.all(late)
    expect(await stored(db)).toEqual([10, 11, 12, 13, 14])
  })

  it('take nobody along whose time is over while a transaction of more goes on', async () => {
    const clock = givenClock()
    const { db } = await open()
    const gate = Promise.withResolvers<void>()
    const early = add(db, 0)
    clock.set(1_500)
    const late = upTo(5).map((id) => add(db, 10 + id))
    const holding = addTwo(db, 20, gate.promise)
    clock.set(2_000)
    await expect(early).rejects.toThrow(DatabaseUnavailableError)
    expect(await stored(db)).toEqual([])
    gate.resolve()
    await Promise.all([holding, ...late])
    expect(await stored(db)).toEqual([10, 11, 12, 13, 14, 20, 21])
  })

  it('fail alone, at once or at the commit', async () => {
    const { db, other } = await open()
    await add(db, 5)
    const results = await Promise.allSettled(upTo(20).map((id) => add(db, id)))
    const failed = results.flatMap((result, id) => (result.status === 'rejected' ? [id] : []))
    expect(failed).toEqual([5])
    expect(results[5]).toMatchObject({ reason: expect.toSatisfy(isUniqueViolation) })
    expect(await stored(db)).toEqual(upTo(20))

    other.exec(`create table late (id integer references notes (id) deferrable initially deferred);
      create trigger l after insert on notes when new.id = 107 begin insert into late values (-1); end`)
    const late = await Promise.allSettled(upTo(20).map((i) => add(db, 100 + i)))
    expect(late.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([7])
    expect(await stored(db)).toHaveLength(39)
  })

  it('hold though one of them ends the transaction that they are in', async () => {
    const { db, other } = await open()
    other.exec(
      `create trigger l after insert on notes when new.id = 3 begin select raise(rollback, 'no'); end`,
    )
    const results = await Promise.allSettled(upTo(8).map((id) => add(db, id)))
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual(upTo(8).map((id) => id !== 3))
    expect(await stored(db)).toEqual([0, 1, 2, 4, 5, 6, 7])
  })

  it('wait for another process that writes, and for a transaction of more', async () => {
    const { db, other } = await open()
    other.exec('begin immediate')
    const adding = Promise.all(upTo(10).map((id) => add(db, id)))
    await nextTurn()
    await nextTurn()
    expect(await stored(db)).toEqual([])
    other.exec('commit')
    await adding
    const seen: number[] = []
    await Promise.all([
      db.withSystem(async (tx) => {
        for (let i = 0; i < 5; i++) seen.push((await ids.all(tx, {})).length)
      }),
      ...upTo(10).map((i) => add(db, 20 + i)),
    ])
    expect(new Set(seen).size).toBe(1)
    expect(await stored(db)).toHaveLength(20)
  })

  it('are there when the database was closed while they waited', async () => {
    const { db, other } = await open()
    const adding = Promise.all(upTo(200).map((id) => add(db, id)))
    await db.close()
    closers.pop()
    await adding
    expect(other.prepare('select count(*) as n from notes').get()?.n).toBe(200)
  })
})
