import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  createTestDatabase,
  migrateTestDatabase,
  migrationFor,
  type TestDatabase,
} from '../../../testing/for-each-database.ts'
import { connectTo } from '../../../testing/postgres-client.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  createSql,
  type DatabaseLocation,
  DatabaseUnavailableError,
  type Db,
  defineTable,
  insertRow,
  openDatabase,
  text,
  uuid,
} from '../index.ts'

const diaries = defineTable(
  'diaries',
  { id: uuid().primaryKey(), user_id: uuid(), line: text(50) },
  { access: { kind: 'private', owner: 'user_id' } },
)
const sql = createSql(diaries)
const insert = insertRow(sql, diaries)
const newId = createUuidv7({ now: () => new Date() })
// Note: without an owner predicate on purpose: what this suite proves is what row security gives alone.
const lines = sql.read(() => sql.from('diaries').select(['user_id', 'line']))
const ABORTED = 10_000

describe('a PostgreSQL connection', () => {
  let database: TestDatabase
  let location: DatabaseLocation & { kind: 'postgres' }
  let db: Db
  let admin: pg.Client
  const heard: Error[] = []

  beforeAll(async () => {
    database = await createTestDatabase('postgres')
    if (database.location.kind !== 'postgres') throw new Error('not PostgreSQL')
    location = database.location
    await migrateTestDatabase(location, { tables: [diaries], migrations: [migrationFor([diaries])] })
    db = openDatabase(location, { poolSize: 1, onIdleError: (error) => heard.push(error) })
    admin = await connectTo(inject('postgres').adminUrl)
  })
  afterAll(async () => {
    await db.close()
    await admin.end()
    await database.drop()
  })

  const killBackends = async () => {
    const name = new URL(location.url).pathname.slice(1)
    const { rowCount } = await admin.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and usename = 'outcry_app'`,
      [name],
    )
    return rowCount
  }

  it('that is lost in a transaction fails it, keeps nothing of it, and is replaced', async () => {
    const owner = newId()
    const run = db.withMember(owner, async (tx) => {
      await insert(tx, { id: newId(), user_id: owner, line: 'lost' })
      expect(await killBackends()).toBe(1)
      await insert(tx, { id: newId(), user_id: owner, line: 'lost too' })
    })
    await expect(run).rejects.toThrow(DatabaseUnavailableError)
    await db.withMember(owner, (tx) => insert(tx, { id: newId(), user_id: owner, line: 'kept' }))
    expect(await lines.all(db.asMember(owner), {})).toEqual([{ user_id: owner, line: 'kept' }])
  })

  it('that is lost before COMMIT fails the transaction', async () => {
    const owner = newId()
    const run = db.withMember(owner, async (tx) => {
      await insert(tx, { id: newId(), user_id: owner, line: 'lost' })
      await killBackends()
    })
    await expect(run).rejects.toThrow(DatabaseUnavailableError)
    expect(await lines.all(db.asMember(owner), {})).toEqual([])
  })

  it('that is lost while idle is told of and replaced without anybody noticing', async () => {
    await db.ping()
    const before = heard.length
    await killBackends()
    await expect.poll(() => heard.length).toBeGreaterThan(before)
    await db.ping()
  })

  it('that is lost in a savepoint fails the transaction around it', async () => {
    const run = db.withSystem(async (tx) => {
      await tx.savepoint(killBackends).catch(() => undefined)
      await lines.all(tx, {})
    })
    await expect(run).rejects.toThrow()
    await db.ping()
  })

  it(`shows the next user nothing of the last one, ${ABORTED} aborted transactions in a row`, async () => {
    const [ann, bob] = [newId(), newId()]
    await db.withMember(ann, (tx) => insert(tx, { id: newId(), user_id: ann, line: 'of ann' }))
    await db.withMember(bob, (tx) => insert(tx, { id: newId(), user_id: bob, line: 'of bob' }))
    const abort = async (owner: string, seen: unknown[]) => {
      await db
        .withMember(owner, async (tx) => {
          seen.push(...(await lines.all(tx, {})))
          throw new Error('abort')
        })
        .catch(() => undefined)
    }
    for (let i = 0; i < ABORTED; i++) {
      const seen: unknown[] = []
      await abort(i % 2 ? ann : bob, seen)
      if (seen.length !== 1 || Object(seen[0]).user_id !== (i % 2 ? ann : bob)) expect.fail(`leaked at ${i}`)
      if (i % 100 === 0) {
        expect(await lines.all(db, {})).toEqual([])
        expect(await lines.all(db.asMember(ann), {})).toEqual([{ user_id: ann, line: 'of ann' }])
        expect(await db.transaction((tx) => lines.all(tx, {}))).toEqual([])
      }
    }
  })

  it('that cannot be made is a DatabaseUnavailableError within two seconds', async () => {
    const nowhere = openDatabase({ kind: 'postgres', url: 'postgres://nobody:x@127.0.0.1:1/none' })
    const started = performance.now()
    for (const use of [nowhere.ping(), nowhere.withSystem(async () => 1), lines.all(nowhere, {})]) {
      await expect(use).rejects.toThrow(DatabaseUnavailableError)
    }
    expect(performance.now() - started).toBeLessThan(2_500)
    await nowhere.close()
  })
})
