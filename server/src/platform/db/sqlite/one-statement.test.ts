import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  createSql,
  DatabaseUnavailableError,
  defineTable,
  insertRow,
  integer,
  isUniqueViolation,
  openDatabase,
  TransactionUseError,
  type Tx,
  uuid,
} from '../index.ts'

const steps = defineTable(
  'steps',
  { id: uuid().primaryKey(), n: integer(), before: uuid().nullable().references('steps', 'id', 'restrict') },
  { access: { kind: 'system' } },
)
const sql = createSql(steps)
const insert = insertRow(sql, steps)
const newId = createUuidv7({ now: () => new Date() })
const all = sql.read(() => sql.from('steps').select(['id', 'n']).orderBy('id'))
const raise = sql.write(() => sql.builder.updateTable('steps').set((eb) => ({ n: eb('n', '+', 1) })))
const raiseAndTell = sql.write(() =>
  sql.builder
    .updateTable('steps')
    .set((eb) => ({ n: eb('n', '+', 1) }))
    .returning('id'),
)
const empty = sql.write(() => sql.builder.deleteFrom('steps'))

forEachDatabase('a transaction of one write', { tables: [steps], poolSize: 1 }, (on) => {
  const numbers = async () => (await all.all(on.db.asSystem(), {})).map(({ n }) => n)
  const start = async (...given: number[]) => {
    await on.db.withSystem((tx) => empty.run(tx, {}))
    for (const n of given) await on.db.withSystem((tx) => insert(tx, { id: newId(), n }))
  }

  it('changes every row or none, and says how many', async () => {
    await start(1, 2, 2_147_483_647)
    await expect(on.db.withSystem((tx) => raise.run(tx, {}))).rejects.toThrow()
    expect(await numbers()).toEqual([1, 2, 2_147_483_647])
    await start(1, 2, 3)
    expect(await on.db.withSystem((tx) => raise.run(tx, {}))).toBe(3)
    expect(await on.db.withSystem((tx) => raiseAndTell.run(tx, {}))).toBe(3)
    expect(await numbers()).toEqual([3, 4, 5])
  })
  it('leaves nothing of a broken foreign key', async () => {
    await start()
    const orphan = on.db.withSystem((tx) => insert(tx, { id: newId(), n: 1, before: newId() }))
    await expect(orphan).rejects.toMatchObject({ kind: 'foreign_key' })
    expect(await numbers()).toEqual([])
    await start(7)
    expect(await numbers()).toEqual([7])
  })
  it('leaves nothing when its work throws after the write was issued, at once or later', async () => {
    await start()
    const ways = [
      (tx: Tx) => {
        void insert(tx, { id: newId(), n: 1 })
        throw new Error('changed my mind')
      },
      async (tx: Tx) => {
        void insert(tx, { id: newId(), n: 1 })
        throw new Error('changed my mind')
      },
      async (tx: Tx) => {
        await insert(tx, { id: newId(), n: 1 })
        throw new Error('changed my mind')
      },
      (tx: Tx) =>
        insert(tx, { id: newId(), n: 1 }).then(() => {
          throw new Error('changed my mind')
        }),
    ]
    for (const way of ways) {
      await expect(on.db.withSystem(way)).rejects.toThrow('changed my mind')
      expect(await numbers()).toEqual([])
    }
  })
  it('takes no second statement once its promise was given back', async () => {
    await start()
    const refused: Promise<unknown>[] = []
    await on.db.withSystem((tx) => {
      queueMicrotask(() => {
        refused.push(insert(tx, { id: newId(), n: 2 }).catch((error: unknown) => error))
        refused.push(tx.savepoint(async () => 1).catch((error: unknown) => error))
      })
      return insert(tx, { id: newId(), n: 1 })
    })
    const errors = await Promise.all(refused)
    expect(errors.map((error) => error instanceof TransactionUseError)).toEqual([true, true])
    expect(await numbers()).toEqual([1])
  })
  it('is one of many that are asked for at once, in order, with nothing in between', async () => {
    await start(0)
    const counts: number[] = []
    const look = async (tx: Tx) => {
      for (let i = 0; i < 2; i++) counts.push(Number((await all.first(tx, {}))?.n))
    }
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        on.db.withSystem(i % 2 === 0 ? (tx) => raise.run(tx, {}).then(Number) : look),
      ),
    )
    await Promise.all(Array.from({ length: 20 }, () => on.db.withSystem((tx) => raise.run(tx, {}))))
    expect(counts).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 2) + 1))
    expect(await numbers()).toEqual([40])
  })
  it('tells its reactions after the commit, and none when it fails', async () => {
    await start()
    const id = newId()
    let reactions = 0
    const add = () =>
      on.db.withSystem((tx) => {
        tx.afterCommit(() => reactions++)
        return insert(tx, { id, n: 1 })
      })
    await add()
    await expect(add()).rejects.toSatisfy((error) => isUniqueViolation(error, 'id'))
    expect(reactions).toBe(1)
  })
})

const HOLDER = `
  const { DatabaseSync } = require('node:sqlite')
  const database = new DatabaseSync(process.argv[1])
  database.exec('begin immediate')
  console.log('held')
  setTimeout(() => { database.exec('commit'); console.log('free') }, Number(process.argv[2]))
`

/** Holds the write lock from another process for `ms`. */
async function holdLock(path: string, ms: number): Promise<void> {
  const child = spawn(process.execPath, ['-e', HOLDER, path, String(ms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
}

forEachDatabase('while another process holds the write lock', { tables: [steps] }, (on) => {
  it('a write waits without keeping the event loop, alone or with others', async () => {
    if (on.location.kind !== 'sqlite') return
    const ways = [
      (tx: Tx) => insert(tx, { id: newId(), n: 1 }),
      async (tx: Tx) => {
        await insert(tx, { id: newId(), n: 1 })
        await raise.run(tx, {})
      },
      async (tx: Tx) => {
        await all.all(tx, {})
        await insert(tx, { id: newId(), n: 1 })
      },
    ]
    for (const [i, way] of ways.entries()) {
      await holdLock(on.location.path, 400)
      let turns = 0
      const counting = setInterval(() => turns++, 5)
      const started = performance.now()
      await on.db.withSystem(way)
      clearInterval(counting)
      expect(performance.now() - started).toBeGreaterThan(200)
      expect(turns).toBeGreaterThan(5)
      expect(await all.all(on.db.asSystem(), {})).toHaveLength(i + 1)
    }
  })
  it('a write gives up in the end and leaves nothing, and the next one goes through', {
    timeout: 60_000,
  }, async () => {
    if (on.location.kind !== 'sqlite') return
    const patient = openDatabase(on.location)
    await patient.withSystem((tx) => empty.run(tx, {}))
    const holder = new DatabaseSync(on.location.path)
    holder.exec('begin immediate')
    const refused = patient.withSystem((tx) => insert(tx, { id: newId(), n: 1 }))
    await expect(refused).rejects.toThrow(DatabaseUnavailableError)
    holder.exec('commit')
    holder.close()
    await patient.withSystem((tx) => insert(tx, { id: newId(), n: 3 }))
    expect((await all.all(patient.asSystem(), {})).map(({ n }) => n)).toEqual([3])
    await patient.close()
  })
})
