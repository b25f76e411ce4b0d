import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import {
  createSql,
  type Db,
  defineTable,
  InvalidValueError,
  insertRow,
  integer,
  isUniqueViolation,
  openDatabase,
  TransactionUseError,
  type Tx,
  text,
  unique,
  updateRow,
  uuid,
} from './index.ts'

const counters = defineTable(
  'counters',
  { id: uuid().primaryKey(), name: text(50), n: integer().default(0) },
  { access: { kind: 'system' }, indexes: [unique('name')] },
)
const sql = createSql(counters)
const insert = insertRow(sql, counters)
const update = updateRow(sql, counters)
const newId = createUuidv7({ now: () => new Date() })
const byId = sql.read((p: { id: string }) => sql.from('counters').select('n').where('id', '=', p.id))
const named = sql.read((p: { name: string }) => sql.from('counters').select('id').where('name', '=', p.name))

forEachDatabase('a transaction', { tables: [counters] }, (on) => {
  const put = async (n = 0) => {
    const id = newId()
    await on.db.withSystem((tx) => insert(tx, { id, name: id, n }))
    return id
  }
  const exists = async (name: string, db: Db = on.db) =>
    (await named.first(db.asSystem(), { name })) !== undefined
  const add = (tx: Tx, name: string) => insert(tx, { id: newId(), name })

  it('keeps what it wrote when it resolves and nothing when it throws', async () => {
    const [kept, lost] = [newId(), newId()]
    expect(await on.db.withSystem(async (tx) => [await add(tx, kept), 5])).toEqual([undefined, 5])
    const failed = on.db.withSystem(async (tx) => {
      await add(tx, lost)
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect([await exists(kept), await exists(lost)]).toEqual([true, false])
  })

  it('sees its own writes, which nobody else sees before the commit', async () => {
    const id = await put(1)
    const reader = openDatabase(on.location)
    try {
      const inside = Promise.withResolvers<void>()
      const seen = Promise.withResolvers<void>()
      const other = openDatabase(on.location) // without the watch for outside waits: this one waits on purpose
      const writing = other.withSystem(async (tx) => {
        await update(tx, { id }, { n: 2 })
        expect(await byId.first(tx, { id })).toEqual({ n: 2 })
        inside.resolve()
        await seen.promise
      })
      await inside.promise
      const started = performance.now()
      expect(await byId.first(reader.asSystem(), { id })).toEqual({ n: 1 })
      expect(performance.now() - started).toBeLessThan(500)
      seen.resolve()
      await writing
      expect(await byId.first(reader.asSystem(), { id })).toEqual({ n: 2 })
      await other.close()
    } finally {
      await reader.close()
    }
  })

  it('loses no update when 50 read and write one row at once in turns', async () => {
    const id = await put()
    const lock = sql.write((p: { id: string }) =>
      sql.builder
        .updateTable('counters')
        .set((eb) => ({ n: eb('n', '+', 0) }))
        .where('id', '=', p.id)
        .returning('n'),
    )
    await Promise.all(
      Array.from({ length: 50 }, () =>
        on.db.withSystem(async (tx) => {
          const row = await lock.first(tx, { id })
          await byId.first(tx, { id })
          await update(tx, { id }, { n: Number(row?.n) + 1 })
        }),
      ),
    )
    expect(await byId.first(on.db.asSystem(), { id })).toEqual({ n: 50 })
  })

  it('undoes a savepoint alone, and goes on after an error inside it', async () => {
    const [before, inner, deep, after, taken] = [newId(), newId(), newId(), newId(), newId()]
    await on.db.withSystem((tx) => add(tx, taken))
    await on.db.withSystem(async (tx) => {
      await add(tx, before)
      const failed = tx.savepoint(async (one) => {
        await add(one, inner)
        await one.savepoint((two) => add(two, deep))
        await add(one, taken)
      })
      await expect(failed).rejects.toSatisfy((error) => isUniqueViolation(error, 'name'))
      await tx.savepoint((one) => add(one, after))
    })
    const found = await Promise.all([before, inner, deep, after].map((name) => exists(name)))
    expect(found).toEqual([true, false, false, true])
  })

  it('is refused as a whole after an error outside a savepoint, even a caught one', async () => {
    const [first, later] = [newId(), newId()]
    const run = on.db.withSystem(async (tx) => {
      await add(tx, first)
      await add(tx, first).catch(() => undefined)
      await expect(add(tx, later)).rejects.toThrow('This transaction has failed.')
      await expect(byId.first(tx, { id: newId() })).rejects.toThrow(TransactionUseError)
      await expect(tx.savepoint(async () => 1)).rejects.toThrow(TransactionUseError)
    })
    await expect(run).rejects.toThrow(TransactionUseError)
    expect([await exists(first), await exists(later)]).toEqual([false, false])
  })

  it('cannot be used once it is over, nor can a savepoint, nor the outer one beside an open savepoint', async () => {
    const late = newId()
    let kept: Tx | undefined
    let inner: Tx | undefined
    await on.db.withSystem(async (tx) => {
      kept = tx
      await tx.savepoint(async (one) => {
        inner = one
        await expect(add(tx, late)).rejects.toThrow(TransactionUseError)
        await expect(tx.savepoint(async () => 1)).rejects.toThrow(TransactionUseError)
      })
      if (inner) await expect(add(inner, late)).rejects.toThrow('This savepoint is over.')
    })
    if (kept) await expect(add(kept, late)).rejects.toThrow('This transaction is over.')
    expect(() => kept?.afterCommit(() => undefined)).toThrow(TransactionUseError)
    expect(await exists(late)).toBe(false)
  })

  it('refuses the database itself inside it, read or write, member or system', async () => {
    const id = await put()
    await on.db.withSystem(async (tx) => {
      const uses = [
        () => byId.first(on.db, { id }),
        () => byId.all(on.db.asSystem(), { id }),
        () => byId.first(on.db.asMember(newId()), { id }),
        () => on.db.transaction(async () => 1),
        () => on.db.withSystem(async () => 1),
        () => on.db.withMember(newId(), async () => 1),
      ]
      for (const use of uses) await expect(use()).rejects.toThrow(TransactionUseError)
      await update(tx, { id }, { n: 9 })
    })
    expect(await byId.first(on.db.asSystem(), { id })).toEqual({ n: 9 })
  })

  it('calls its reactions after the commit, in order, and none when it or their savepoint is undone', async () => {
    const heard: string[] = []
    const name = newId()
    await on.db.withSystem(async (tx) => {
      tx.afterCommit(() => heard.push('first'))
      await tx
        .savepoint(async (one) => {
          one.afterCommit(() => heard.push('undone'))
          throw new Error('no')
        })
        .catch(() => undefined)
      await tx.savepoint(async (one) => one.afterCommit(() => heard.push('second')))
      await add(tx, name)
      expect(heard).toEqual([])
    })
    expect(heard).toEqual(['first', 'second'])
    const failing = on.db.withSystem(async (tx) => {
      tx.afterCommit(() => heard.push('never'))
      await add(tx, name)
    })
    await expect(failing).rejects.toThrow()
    expect(heard).toEqual(['first', 'second'])
  })

  it('lets a reaction start the next transaction', async () => {
    const id = await put()
    const next = Promise.withResolvers<number>()
    await on.db.withSystem(async (tx) => {
      tx.afterCommit(() => next.resolve(on.db.withSystem((other) => update(other, { id }, { n: 3 }))))
    })
    expect(await next.promise).toBe(1)
  })

  it('fails in tests when it waits for the outside world, savepoint or not', async () => {
    const name = newId()
    const outside = on.db.withSystem(async (tx) => {
      await add(tx, name)
      await wait(50)
      await add(tx, newId())
    })
    await expect(outside).rejects.toThrow(TransactionUseError)
    const inSavepoint = on.db.withSystem(async (tx) => {
      await tx.savepoint(() => wait(50)).catch(() => undefined)
      await add(tx, name)
    })
    await expect(inSavepoint).rejects.toThrow(TransactionUseError)
    expect(await exists(name)).toBe(false)
  })

  it('is refused a member that is not a UUID', async () => {
    await expect(on.db.withMember(`' or true`, async () => 1)).rejects.toThrow(InvalidValueError)
    expect(() => on.db.asMember('')).toThrow(InvalidValueError)
  })

  it('is the only thing that writes: a read that was built as a write is refused', async () => {
    const id = await put(1)
    const sneaky = sql.read((p: { id: string }) =>
      sql.builder.updateTable('counters').set({ n: 2 }).where('id', '=', p.id).returning('n'),
    )
    for (const db of [on.db, on.db.asSystem(), on.db.asMember(id)]) {
      await expect(sneaky.all(db, { id })).rejects.toThrow()
    }
    expect(await byId.first(on.db.asSystem(), { id })).toEqual({ n: 1 })
  })
})

forEachDatabase('a pool of one', { tables: [counters], poolSize: 1 }, (on) => {
  it('serves transactions in the order of asking, none of them inside another', async () => {
    const log: string[] = []
    const run = (name: string) =>
      on.db.withSystem(async (tx) => {
        log.push(`${name} begins`)
        for (let i = 0; i < 3; i++) await byId.first(tx, { id: newId() })
        log.push(`${name} ends`)
      })
    const names = Array.from({ length: 30 }, (_, i) => `t${i}`)
    await Promise.all(names.map(run))
    expect(log).toEqual(names.flatMap((name) => [`${name} begins`, `${name} ends`]))
  })

  it('lets nobody wait longer than two seconds', async () => {
    const done = Promise.withResolvers<void>()
    const slow = openDatabase(on.location, { poolSize: 1 })
    const holding = slow.withSystem(() => done.promise)
    const started = performance.now()
    const waiting = [slow.withSystem(async () => 1), slow.withSystem(async () => 2)]
    const results = await Promise.allSettled(waiting)
    expect(performance.now() - started).toBeLessThan(2_500)
    expect(results.map((result) => (result.status === 'rejected' ? result.reason.name : 'done'))).toEqual([
      'DatabaseUnavailableError',
      'DatabaseUnavailableError',
    ])
    done.resolve()
    await holding
    expect(await slow.withSystem(async () => 3)).toBe(3)
    await slow.close()
  })
})

describe('a reaction that throws', () => {
  it('is a crash to look into and not a transaction that failed', async () => {
    const { runTransaction } = await import('./transaction.ts')
    const crash = Promise.withResolvers<unknown>()
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', crash.resolve)
    const engine = {
      target: { dialect: 'sqlite' as const, ownerPredicates: true },
      inFlight: 0,
      all: async () => [],
      first: async () => undefined,
      run: async () => 0,
      execute: async () => undefined,
      control: async () => undefined,
    }
    const work = async (tx: Tx) => {
      tx.afterCommit(() => {
        throw new Error('boom')
      })
      return 'committed'
    }
    expect(await runTransaction(engine, work, false)).toBe('committed')
    expect(await crash.promise).toMatchObject({ message: 'boom' })
    for (const listener of listeners) process.on('uncaughtException', listener)
  })
})
