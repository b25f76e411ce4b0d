import { KeyObject } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { sql as raw } from 'kysely'
import { expect, it } from 'vitest'
import { samples } from '../../testing/every-kind.ts'
import { type DatabaseFixture, forEachDatabase } from '../../testing/for-each-database.ts'
import { connectTo, onPostgresAt } from '../../testing/postgres-client.ts'
import { keyRingOf, newKeyRingDocument } from '../crypto/key-ring-document.ts'
import { serverKeyRing } from '../crypto/server-key-ring.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import {
  arrayContains,
  computed,
  createSql,
  InvalidValueError,
  insertRow,
  integer,
  isUniqueViolation,
  type NewRow,
  openDatabase,
  QueryDefinitionError,
  TransactionUseError,
  updateRow,
} from './index.ts'

const sql = createSql(samples)
const insert = insertRow(sql, samples)
const update = updateRow(sql, samples)
const newId = createUuidv7({ now: () => new Date() })
const byId = sql.read((p: { id: string }) => sql.from('samples').selectAll().where('id', '=', p.id))

async function put(on: DatabaseFixture, values: Partial<NewRow<typeof samples>>): Promise<string> {
  const id = newId()
  await on.db.withSystem((tx) => insert(tx, { id, batch: id, n: 0, ...values }))
  return id
}

/** The fifteen traps that an earlier prototype of this layer fell into, one test each. */
forEachDatabase('the portable layer', { tables: [samples] }, (on) => {
  it('1. keeps digits that look like numbers as the text, decimal, UUID or JSON they are', async () => {
    const values = {
      a_uuid: '12345678-1234-1234-1234-123456789012',
      a_text: '1e5',
      a_decimal: '100000000000000000000.10',
      some_json: '1e5',
      texts: ['007', '1e5', '0x10'],
    }
    expect(await byId.first(on.db.asSystem(), { id: await put(on, values) })).toMatchObject(values)
  })

  it('2. takes arrays and strings as JSON documents', async () => {
    for (const some_json of [[1, 'two', [null]], 'a string', '{"not":"an object"}', [], {}]) {
      const id = await put(on, { some_json })
      expect((await byId.first(on.db.asSystem(), { id }))?.some_json).toEqual(some_json)
    }
  })

  it('3. refuses a string where money belongs', async () => {
    const asText = { some_money: '10.00' } as object
    await expect(put(on, asText)).rejects.toThrow(InvalidValueError)
  })

  it('4. compares arrays, as wholes and by what they hold', async () => {
    const id = await put(on, { texts: ['a', 'b"c'] })
    const equal = sql.read((p: { id: string; texts: readonly string[] }) =>
      sql.from('samples').select('id').where('id', '=', p.id).where('texts', '=', p.texts),
    )
    expect(await equal.all(on.db.asSystem(), { id, texts: ['a', 'b"c'] })).toEqual([{ id }])
    expect(await equal.all(on.db.asSystem(), { id, texts: ['b"c', 'a'] })).toEqual([])
    const holds = sql.read((p: { id: string; texts: readonly string[] }) =>
      sql
        .from('samples')
        .select('id')
        .where('id', '=', p.id)
        .where(arrayContains({ table: samples, column: 'texts' }, p.texts)),
    )
    expect(await holds.all(on.db.asSystem(), { id, texts: ['b"c'] })).toEqual([{ id }])
  })

  it('5. gives whole numbers up to 2^53 as exact numbers', async () => {
    for (const a_bigint of [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 52 + 1]) {
      const id = await put(on, { a_bigint })
      expect((await byId.first(on.db.asSystem(), { id }))?.a_bigint).toBe(a_bigint)
    }
  })

  it('6. goes on giving the declared columns when others are added or dropped under it', async () => {
    const id = await put(on, { a_text: 'here' })
    const before = await byId.first(on.db.asSystem(), { id })
    const alter = async (change: string) => {
      if (on.location.kind === 'sqlite') {
        const file = new DatabaseSync(on.location.path)
        file.exec(change)
        return file.close()
      }
      await onPostgresAt(on.location.adminUrl, (owner) => owner.query(change))
    }
    await alter('alter table samples add column later text')
    expect(await byId.first(on.db.asSystem(), { id })).toEqual(before)
    await alter('alter table samples rename column later to renamed')
    expect(await byId.first(on.db.asSystem(), { id })).toEqual(before)
    await alter('alter table samples drop column renamed')
    expect(await byId.first(on.db.asSystem(), { id })).toEqual(before)
  })

  it('7. refuses a UNION whose arms differ in type', async () => {
    const mixed = sql.read(() =>
      sql.untyped
        .selectFrom('samples')
        .select('some_json as x')
        .unionAll(sql.untyped.selectFrom('samples').select('a_text as x')),
    )
    await expect(mixed.all(on.db.asSystem(), {})).rejects.toThrow(QueryDefinitionError)
  })

  it('8. reads beside an open transaction without waiting for it', async () => {
    const id = await put(on, { an_integer: 1 })
    const writer = openDatabase(on.location)
    const seen = Promise.withResolvers<void>()
    const began = Promise.withResolvers<void>()
    const writing = writer.withSystem(async (tx) => {
      await update(tx, { id }, { an_integer: 2 })
      began.resolve()
      await seen.promise
    })
    await began.promise
    expect((await byId.first(on.db.asSystem(), { id }))?.an_integer).toBe(1)
    expect((await byId.first(writer.asSystem(), { id }))?.an_integer).toBe(1)
    seen.resolve()
    await writing
    await writer.close()
  })

  it('9. refuses a write past the transaction, to the compiler and when it runs', async () => {
    await on.db.withSystem(async () => {
      await expect(put(on, {})).rejects.toThrow(TransactionUseError)
    })
    // @ts-expect-error a Db is not a Tx
    const past = () => insert(on.db, { id: newId(), batch: newId(), n: 0 })
    await expect(past()).rejects.toThrow(TypeError)
  })

  it('10. waits for a lock that another process holds without stopping the event loop', async () => {
    const id = await put(on, {})
    const letGo = await holdLock(on, id)
    let longestMs = 0
    let last = performance.now()
    const pulse = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last)
      last = performance.now()
    }, 5)
    const other = openDatabase(on.location)
    const waiting = other.withSystem((tx) => update(tx, { id }, { an_integer: 7 }))
    await wait(400)
    await letGo()
    expect(await waiting).toBe(1)
    clearInterval(pulse)
    await other.close()
    expect(longestMs).toBeLessThan(200)
  })

  it('11. lets two that read first and then write both succeed', async () => {
    const id = await put(on, { an_integer: 0 })
    const other = openDatabase(on.location)
    const readThenWrite = (db: typeof other) =>
      db.withSystem(async (tx) => {
        await byId.first(tx, { id })
        return update(tx, { id }, { an_integer: 1 })
      })
    const all = Array.from({ length: 10 }, (_, i) => readThenWrite(i % 2 ? on.db : other))
    expect(await Promise.all(all)).toEqual(all.map(() => 1))
    await other.close()
  })

  it('12. stops a transaction at its first error', async () => {
    const id = await put(on, {})
    const later = newId()
    const run = on.db.withSystem(async (tx) => {
      await insert(tx, { id, batch: id, n: 0 }).catch(() => undefined)
      await insert(tx, { id: later, batch: id, n: 0 }).catch(() => undefined)
    })
    await expect(run).rejects.toThrow(TransactionUseError)
    expect(await byId.first(on.db.asSystem(), { id: later })).toBeUndefined()
  })

  it('13. refuses bad UUIDs, NUL and LIKE, sorts NULL first, and names what was violated', async () => {
    const bad = { a_uuid: 'nonsense' }
    await expect(put(on, bad)).rejects.toThrow(InvalidValueError)
    await expect(put(on, { a_text: 'a\0b' })).rejects.toThrow(InvalidValueError)
    const like = sql.read(() => sql.from('samples').select('id').where('a_text', 'like', 'A%'))
    await expect(like.all(on.db.asSystem(), {})).rejects.toThrow(QueryDefinitionError)
    const batch = newId()
    await put(on, { batch, n: 1, an_integer: 5 })
    await put(on, { batch, n: 2 })
    const sorted = sql.read(() =>
      sql.from('samples').select('n').where('batch', '=', batch).orderBy('an_integer'),
    )
    expect(await sorted.all(on.db.asSystem(), {})).toEqual([{ n: 2 }, { n: 1 }])
    const id = await put(on, {})
    await expect(put(on, { id })).rejects.toSatisfy((error) => isUniqueViolation(error, 'id'))
  })

  it('14. prepares a statement once for each connection', async () => {
    const one = openDatabase(on.location, { poolSize: 1 })
    const prepared = sql.read(() =>
      sql.builder.selectNoFrom(
        computed(
          raw`(select count(*) from pg_prepared_statements where statement like '%where "an_integer" = $_')`,
          integer(),
        ).as('n'),
      ),
    )
    const find = sql.read((p: { n: number }) =>
      sql.from('samples').select('id').where('an_integer', '=', p.n),
    )
    for (let n = 0; n < 20; n++) await find.all(one, { n })
    if (on.dialect === 'postgres') expect(await prepared.all(one, {})).toEqual([{ n: 1 }])
    await one.close()
  })

  it('15. holds keys as KeyObjects, which AES-GCM opens two to four times faster', () => {
    const ring = keyRingOf(serverKeyRing, newKeyRingDocument(serverKeyRing, new Date()), 'keys.json')
    for (const { key } of ring.keyEncryption.byId.values()) expect(key).toBeInstanceOf(KeyObject)
  })
})

/** Locks the row, or on SQLite the whole file, from a connection that is not ours; gives back how to let go. */
async function holdLock(on: DatabaseFixture, id: string): Promise<() => Promise<void>> {
  if (on.location.kind === 'sqlite') {
    const file = new DatabaseSync(on.location.path)
    file.exec('begin immediate')
    return async () => {
      file.exec('rollback')
      file.close()
    }
  }
  const client = await connectTo(on.location.url)
  await client.query(`begin; select set_config('app.system', 'on', true)`)
  await client.query('select 1 from samples where id = $1 for update', [id])
  return async () => {
    await client.query('rollback')
    await client.end()
  }
}
