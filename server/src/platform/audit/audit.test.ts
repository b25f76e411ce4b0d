import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import {
  createTestDatabase,
  migrateTestDatabase,
  type TestDatabase,
} from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql, type Db, type Dialect, openDatabase } from '../db/index.ts'
import { platformMigrations, platformTables } from '../platform-schema.ts'
import { auditEvents } from './audit.table.ts'
import { createAudit } from './audit.ts'
import { findAuditFault } from './audit-fault.ts'

const clock = fixedClock()
const newId = createUuidv7(clock)
const audit = createAudit({ clock, newId })
const sql = createSql(auditEvents)
const allEvents = sql.read(() => sql.from('audit_events').selectAll().orderBy('seq'))
const editAll = sql.write(() => sql.builder.updateTable('audit_events').set({ action: 'x' }))
const deleteAll = sql.write(() => sql.builder.deleteFrom('audit_events'))

describe.each<Dialect>(['sqlite', 'postgres'])('the audit log on %s', (dialect) => {
  let database: TestDatabase
  let db: Db
  beforeEach(async () => {
    database = await createTestDatabase(dialect)
    await migrateTestDatabase(database.location, { tables: platformTables, migrations: platformMigrations })
    db = openDatabase(database.location, { detectOutsideWaits: true })
  })
  afterEach(async () => {
    await db.close()
    await database.drop()
  })
  const events = () => allEvents.all(db.asSystem(), {})
  const fault = () => findAuditFault(db.asSystem())
  const record = (action: string, on = db) =>
    on.withSystem((tx) => audit.record(tx, { action, result: 'ok', objectId: action }))
  const recordMany = async (count: number) => {
    for (let i = 1; i <= count; i++) await record(`thing.${i}`)
  }

  it('keeps who, what, when and with which result, numbered from 1', async () => {
    const ids = { actorId: newId(), sessionId: newId() }
    await db.withMember(ids.actorId, (tx) =>
      audit.record(tx, {
        ...ids,
        action: 'credential.opened',
        result: 'refused',
        factor: 'passkey',
        address: '2001:db8::1',
        requestId: 'r-1',
        objectType: 'credential',
        objectId: 'c-1',
        details: { zeta: 'ü', alpha: 1.5, yes: true, nothing: null },
      }),
    )
    await record('thing.done')
    expect(await events()).toMatchObject([
      {
        seq: 1,
        at: clock.now(),
        action: 'credential.opened',
        result: 'refused',
        actor_id: ids.actorId,
        session_id: ids.sessionId,
        factor: 'passkey',
        address: '2001:db8::1',
        request_id: 'r-1',
        object_type: 'credential',
        object_id: 'c-1',
        details: { zeta: 'ü', alpha: 1.5, yes: true, nothing: null },
      },
      { seq: 2, action: 'thing.done', actor_id: null, details: {} },
    ])
    expect(await fault()).toBeUndefined()
  })

  it('holds nothing of a transaction that rolls back, and leaves no gap', async () => {
    const failing = db.withSystem(async (tx) => {
      await audit.record(tx, { action: 'thing.undone', result: 'ok' })
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await record('thing.done')
    expect(await events()).toMatchObject([{ seq: 1, action: 'thing.done' }])
    expect(await fault()).toBeUndefined()
  })

  it('is one chain without gaps when 32 writers on two nodes append, and may be verified meanwhile', async () => {
    const other = openDatabase(database.location)
    const writers = Array.from({ length: 32 }, async (_, writer) => {
      for (let i = 0; i < 5; i++) await record(`writer.${writer}`, writer % 2 === 0 ? db : other)
    })
    const verified = Promise.all([fault(), fault(), fault()])
    await Promise.all(writers)
    expect(await verified).toEqual([undefined, undefined, undefined])
    expect((await events()).map(({ seq }) => seq)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1))
    expect(await fault()).toBeUndefined()
    await other.close()
  })

  it('cannot be changed by the server itself', async () => {
    await recordMany(1)
    await expect(db.withSystem((tx) => editAll.run(tx, {}))).rejects.toThrow()
    await expect(db.withSystem((tx) => deleteAll.run(tx, {}))).rejects.toThrow()
    expect(await events()).toHaveLength(1)
  })
})
