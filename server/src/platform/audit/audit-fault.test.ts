import { describe, expect, it, onTestFinished } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { createMigratedDatabase } from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql, type Dialect, openDatabase } from '../db/index.ts'
import { platformMigrations, platformTables } from '../platform-schema.ts'
import { auditEvents } from './audit.table.ts'
import { createAudit } from './audit.ts'
import { findAuditFault, verifyChain } from './audit-fault.ts'
import { auditHash } from './audit-hash.ts'
import { setHeadBack, tamperings, tamperWithLog, unreadables } from './testing/tamper-with-log.ts'

const clock = fixedClock()
const newId = createUuidv7(clock)
const audit = createAudit({ clock, newId })
const sql = createSql(auditEvents)
const entryAt = sql.read((p: { seq: number }) =>
  sql.from('audit_events').selectAll().where('seq', '=', p.seq),
)

async function logOf(dialect: Dialect, entries: number) {
  const schema = { tables: platformTables, migrations: platformMigrations }
  const database = await createMigratedDatabase(dialect, schema)
  const db = openDatabase(database.location)
  onTestFinished(async () => {
    await db.close()
    await database.drop()
  })
  for (let seq = 1; seq <= entries; seq++)
    await db.withSystem((tx) =>
      audit.record(tx, { action: `thing.${seq}`, result: 'ok', objectId: `${seq}` }),
    )
  return {
    db: db.asSystem(),
    tamper: (statements: readonly string[]) => tamperWithLog(database.location, statements),
  }
}

const hex = (dialect: Dialect, bytes: Uint8Array) => {
  const digits = Buffer.from(bytes).toString('hex')
  return dialect === 'sqlite' ? `x'${digits}'` : `'\\x${digits}'`
}

describe.each<Dialect>(['sqlite', 'postgres'])('the chain of the audit log on %s', (dialect) => {
  it.each(tamperings)('shows %s', async (_what, statements, said) => {
    const { db, tamper } = await logOf(dialect, 5)
    expect(await findAuditFault(db)).toBeUndefined()
    await tamper(statements)
    expect(await findAuditFault(db)).toBe(said)
  })

  it.each(unreadables[dialect])('shows an entry that cannot be read: %s', async (_what, statements) => {
    const { db, tamper } = await logOf(dialect, 5)
    await tamper(statements)
    expect(await verifyChain(db)).toEqual({ entries: 2, fault: 'Entry 3 cannot be read.' })
  })

  it('shows an insertion that was hashed as if it belonged there', async () => {
    const { db, tamper } = await logOf(dialect, 5)
    const third = await entryAt.first(db, { seq: 3 })
    if (!third) throw new Error('There is no third entry.')
    const { hash, ...event } = { ...third, id: newId(), seq: 4, previous_hash: third.hash }
    await tamper([
      'update audit_events set seq = 6 where seq = 5',
      'update audit_events set seq = 5 where seq = 4',
      `insert into audit_events (id, seq, at, action, result, object_id, details, previous_hash, hash)
        select '${event.id}', 4, at, action, result, object_id, details, ${hex(dialect, hash)},
        ${hex(dialect, auditHash(event))} from audit_events where seq = 3`,
    ])
    expect(await findAuditFault(db)).toBe(
      'Entry 5 does not follow the entry before it: entry 4 was inserted.',
    )
  })

  it('cannot show a cut end whose head was set back to fit: that is for the checkpoints', async () => {
    const { db, tamper } = await logOf(dialect, 5)
    await tamper(['delete from audit_events where seq > 3', setHeadBack])
    expect(await verifyChain(db)).toEqual({ entries: 3 })
  })

  it('tells how far it is', async () => {
    const { db } = await logOf(dialect, 3)
    const told: unknown[] = []
    expect(await verifyChain(db, (done) => told.push(done))).toEqual({ entries: 3 })
    expect(told).toEqual([{ entries: 3, of: 3 }])
  })
})
