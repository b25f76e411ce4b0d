import { flushCompileCache } from 'node:module'
import { createAudit } from '../platform/audit/audit.ts'
import { systemClock } from '../platform/clock.ts'
import { createUuidv7 } from '../platform/crypto/uuid.ts'
import {
  createSql,
  type DatabaseLocation,
  type Db,
  defineTable,
  insertRow,
  migrate,
  openDatabase,
  openForMigration,
  type Tx,
  text,
  uuid,
} from '../platform/db/index.ts'
import { historyMigrations, historyTables } from './migration-history.ts'

/** What the writing child fills: two rows with one `pair` in each transaction, by two statements or by one. */
export const pairs = defineTable(
  'pairs',
  { id: uuid().primaryKey(), pair: uuid(), filler: text(2_000) },
  { access: { kind: 'system' } },
)

const WRITERS = 32

/** Appends to the audit log from many writers at once, one entry or three in a transaction, and says what is durable. */
async function appendForever(db: Db, say: (word: string) => void): Promise<void> {
  const clock = systemClock
  const newId = createUuidv7(clock)
  const audit = createAudit({ clock, newId })
  const append = async (entries: number) => {
    for (;;) {
      const objectId = newId()
      const entry = { action: 'thing.done', result: 'ok', objectType: 'thing', objectId } as const
      await db.withSystem(async (tx) => {
        for (let i = 0; i < entries; i++) await audit.record(tx, entry)
      })
      say(`${objectId} ${entries}`)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, (_, i) => append(i % 2 === 0 ? 1 : 3)))
}

/** A child process for tests that kill it. It says what it has done on standard output, one word a line. */
async function run(task: string, location: DatabaseLocation): Promise<void> {
  flushCompileCache()
  const say = (word: string) => process.stdout.write(`${word}\n`)
  if (task === 'migrate') {
    const connection = await openForMigration(location)
    say('ready')
    await migrate(connection, { migrations: historyMigrations, tables: historyTables, onApplied: say })
    say('done')
    return connection.close()
  }
  const db = openDatabase(location)
  if (task === 'audit') return appendForever(db, say)
  const sql = createSql(pairs)
  const insert = insertRow(sql, pairs)
  const newId = createUuidv7({ now: () => new Date() })
  const filler = 'x'.repeat(1_500)
  const insertBoth = sql.write((p: { one: string; two: string; pair: string }) =>
    sql.builder.insertInto('pairs').values([
      { id: p.one, pair: p.pair, filler },
      { id: p.two, pair: p.pair, filler },
    ]),
  )
  const byTwo = async (tx: Tx, pair: string) => {
    for (let i = 0; i < 2; i++) await insert(tx, { id: newId(), pair, filler })
  }
  const byOne = (tx: Tx, pair: string) => insertBoth.execute(tx, { one: newId(), two: newId(), pair })
  const write = async (insertPair: (tx: Tx, pair: string) => Promise<void>) => {
    for (;;) {
      const pair = newId()
      await db.withSystem((tx) => insertPair(tx, pair))
      say(pair)
    }
  }
  await Promise.all([write(byTwo), write(byOne), write(byTwo), write(byOne)])
}

const [, script, task, location] = process.argv
if (task !== undefined && script === import.meta.filename) await run(task, JSON.parse(location ?? ''))
