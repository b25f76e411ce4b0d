import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
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
import { createAudit, findAuditFault } from './audit.ts'

const clock = fixedClock()
const newId = createUuidv7(clock)
const audit = createAudit({ clock, newId })
const sql = createSql(auditEvents)
const allEvents = sql.read(() => sql.from('audit_events').selectAll().orderBy('seq'))
const editAll = sql.write(() => sql.builder.updateTable('audit_events').set({ action: 'x' }))
const deleteAll = sql.write(() => sql.builder.deleteFrom('audit_events'))

/** Does what only somebody with the file or the owning role can do. */
async function tamper(database: TestDatabase, statements: readonly string[]): Promise<void> {
  const { location } = database
  if (location.kind === 'sqlite') {
    const file = new DatabaseSync(location.path)
    file.exec('drop trigger audit_events_no_update; drop trigger audit_events_no_delete')
    for (const statement of statements) file.exec(statement)
    file.close()
    return
  }
  const client = new pg.Client({ connectionString: location.adminUrl })
  await client.connect()
  await client.query(`set app.system = 'on'`)
  for (const statement of statements) await client.query(statement)
  await client.end()
}

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

  const hashOf = (seq: number) => `(select hash from audit_events where seq = ${seq})`
  const copyOf3 = (seq: number, previous: string) => {
    const id = `'${newId()}'`
    return `insert into audit_events (id, seq, at, action, result, details, previous_hash, hash)
      select ${id}, ${seq}, at, action, result, details, ${previous}, hash from audit_events where seq = 3`
  }
  it.each([
    ['an edit', [`update audit_events set result = 'failed' where seq = 3`], 'Entry 3 was changed.'],
    ['an edited time', [`update audit_events set at = '2029-01-01T00:00:00.000Z' where seq = 3`], 'Entry 3'],
    [
      'an edited detail',
      [`update audit_events set details = '{"a":1}' where seq = 2`],
      'Entry 2 was changed.',
    ],
    ['a deletion', ['delete from audit_events where seq = 3'], 'Entry 3 is missing'],
    [
      'a deletion that closes the gap',
      [
        'delete from audit_events where seq = 3',
        'update audit_events set seq = seq - 1 where seq = 4',
        'update audit_events set seq = seq - 1 where seq = 5',
      ],
      'Entry 3 does not follow',
    ],
    [
      'a swap',
      [
        'update audit_events set seq = 100 where seq = 2',
        'update audit_events set seq = 2 where seq = 3',
        'update audit_events set seq = 3 where seq = 100',
      ],
      'Entry 2',
    ],
    [
      'an insertion in between',
      [
        'update audit_events set seq = 6 where seq = 5',
        'update audit_events set seq = 5 where seq = 4',
        copyOf3(4, hashOf(3)),
      ],
      'Entry 4 was changed.',
    ],
    ['an addition past the end', [copyOf3(6, hashOf(5))], 'Entry 6 was added'],
    ['a cut end', ['delete from audit_events where seq > 3'], 'The log ends at 3 instead of 5.'],
    [
      'a cut end with the head set back to another hash',
      ['delete from audit_events where seq > 3', 'update audit_head set seq = 3'],
      'does not end in entry 3',
    ],
    ['a lost head', ['delete from audit_head'], 'no head'],
  ])('shows %s', async (_what, statements, expected) => {
    await recordMany(5)
    expect(await fault()).toBeUndefined()
    await tamper(database, statements)
    expect(await fault()).toContain(expected)
  })
})
