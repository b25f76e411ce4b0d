import { expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql, type Db } from '../db/index.ts'
import { platformMigrations, platformTables } from '../platform-schema.ts'
import { auditEvents } from './audit.table.ts'
import { createAudit } from './audit.ts'
import { findAuditFault } from './audit-fault.ts'
import { createAuditGroup } from './audit-group.ts'

const sql = createSql(auditEvents)
const actions = sql.read(() => sql.from('audit_events').select(['seq', 'action']).orderBy('seq'))
const clock = fixedClock()
const audit = createAudit({ clock, newId: createUuidv7(clock) })
const schema = { tables: platformTables, migrations: platformMigrations }

forEachDatabase('appending in groups', schema, (on) => {
  const lost: string[] = []
  const groupOn = (db: Db) => createAuditGroup({ db, audit, onLost: ({ action }) => void lost.push(action) })
  const counted = () => {
    let transactions = 0
    const db: Db = {
      ...on.db,
      withSystem(work) {
        transactions++
        return on.db.withSystem(work)
      },
    }
    return { db, transactions: () => transactions }
  }
  const stored = async (beginning: string) =>
    (await actions.all(on.db.asSystem(), {})).filter(({ action }) => action.startsWith(beginning))

  it('shares a transaction among all who wait, in the order in which they came', async () => {
    const { db, transactions } = counted()
    const group = groupOn(db)
    const names = Array.from({ length: 200 }, (_, i) => `shared.${i}`)
    await Promise.all(names.map((action) => group.append({ action, result: 'ok' })))
    expect((await stored('shared.')).map(({ action }) => action)).toEqual(names)
    expect(transactions()).toBe(1)
    expect(await findAuditFault(on.db.asSystem())).toBeUndefined()
  })

  it('has written an entry when it says so', async () => {
    const group = groupOn(on.db)
    for (let i = 0; i < 3; i++) {
      await group.append({ action: `durable.${i}`, result: 'ok' })
      expect(await stored('durable.')).toHaveLength(i + 1)
    }
  })

  it('decides on an entry by what its own transaction reads, after all that came before it', async () => {
    const { db, transactions } = counted()
    const group = groupOn(db)
    const decide = (i: number, react = () => {}) =>
      group.appendDecided(async (tx) => {
        react()
        const before = (await actions.all(tx, {})).filter(({ action }) => action.startsWith('decided.'))
        return { entry: { action: `decided.${i}`, result: 'ok' }, value: before.length }
      })
    const meanwhile: Promise<number>[] = []
    const first = [decide(0, () => meanwhile.push(...[2, 3, 4].map((i) => decide(i)))), decide(1)]
    expect(await Promise.all(first)).toEqual([0, 0])
    expect(await Promise.all(meanwhile)).toEqual([2, 2, 2])
    expect([(await stored('decided.')).length, transactions()]).toEqual([5, 2])
  })

  it('refuses the one entry that no column can hold, and writes its neighbours', async () => {
    const group = groupOn(on.db)
    const entries = ['fit.0', 'fit.1', `fit.${'x'.repeat(70)}`, 'fit.3']
    const ended = await Promise.allSettled(entries.map((action) => group.append({ action, result: 'ok' })))
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect((await stored('fit.')).map(({ action }) => action)).toEqual(['fit.0', 'fit.1', 'fit.3'])
    expect(await findAuditFault(on.db.asSystem())).toBeUndefined()
  })

  it('takes entries along that nobody waits for, and has them all after a flush', async () => {
    const group = groupOn(on.db)
    for (let i = 0; i < 5; i++) group.appendLater({ action: `later.${i}`, result: 'ok' })
    await group.flush()
    expect(await stored('later.')).toHaveLength(5)
    await group.flush()
  })

  it('says which entries were lost, and rejects who waits, when the log cannot be written', async () => {
    const broken: Db = {
      ...on.db,
      withSystem: () => Promise.reject(new Error('The disk is full.')),
    }
    const group = groupOn(broken)
    group.appendLater({ action: 'lost.later', result: 'ok' })
    await expect(group.append({ action: 'lost.now', result: 'ok' })).rejects.toThrow('The disk is full.')
    expect(lost).toEqual(['lost.later'])
    expect(await stored('lost.')).toEqual([])
  })
})
