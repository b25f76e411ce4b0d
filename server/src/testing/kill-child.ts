import { flushCompileCache } from 'node:module'
import { createUuidv7 } from '../platform/crypto/uuid.ts'
import {
  createSql,
  type DatabaseLocation,
  defineTable,
  insertRow,
  migrate,
  openDatabase,
  openForMigration,
  text,
  uuid,
} from '../platform/db/index.ts'
import { historyMigrations, historyTables } from './migration-history.ts'

/** What the writing child fills: two rows with one `pair` in each transaction. */
export const pairs = defineTable(
  'pairs',
  { id: uuid().primaryKey(), pair: uuid(), filler: text(2_000) },
  { access: { kind: 'system' } },
)

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
  const insert = insertRow(createSql(pairs), pairs)
  const newId = createUuidv7({ now: () => new Date() })
  const write = async () => {
    for (;;) {
      const pair = newId()
      await db.withSystem(async (tx) => {
        for (let i = 0; i < 2; i++) await insert(tx, { id: newId(), pair, filler: 'x'.repeat(1_500) })
      })
      say(pair)
    }
  }
  await Promise.all([write(), write(), write()])
}

const [, script, task, location] = process.argv
if (task !== undefined && script === import.meta.filename) await run(task, JSON.parse(location ?? ''))
