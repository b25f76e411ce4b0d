import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMigratedDatabase } from '../../testing/for-each-database.ts'
import { killAfter } from '../../testing/kill-process.ts'
import { createSql, type Dialect, openDatabase } from '../db/index.ts'
import { platformMigrations, platformTables } from '../platform-schema.ts'
import { auditEvents } from './audit.table.ts'
import { verifyChain } from './audit-fault.ts'

const KILLS = 12
const sql = createSql(auditEvents)
const objects = sql.read(() => sql.from('audit_events').select(['object_id']).orderBy('seq'))

describe.each<Dialect>(['sqlite', 'postgres'])('32 writers killed while they append on %s', (dialect) => {
  it(`leave a whole chain with everything that was acknowledged, ${KILLS} times`, async () => {
    const schema = { tables: platformTables, migrations: platformMigrations }
    const database = await createMigratedDatabase(dialect, schema)
    onTestFinished(() => database.drop())
    const db = openDatabase(database.location)
    onTestFinished(() => db.close())
    const acknowledged = new Map<string, number>()
    for (let kill = 0; kill < KILLS; kill++) {
      const { words, wasKilled } = await killAfter('audit', database.location, Math.random() * 60)
      expect(wasKilled).toBe(true)
      for (const word of words) {
        const [id = '', entries] = word.split(' ')
        acknowledged.set(id, Number(entries))
      }
      expect((await verifyChain(db.asSystem())).fault).toBeUndefined()
    }
    const stored = Map.groupBy(await objects.all(db.asSystem(), {}), ({ object_id }) => object_id)
    const lost = [...acknowledged].filter(([id, entries]) => stored.get(id)?.length !== entries)
    const halved = [...stored.values()].filter(({ length }) => length !== 1 && length !== 3)
    expect({ lost, halved }).toEqual({ lost: [], halved: [] })
    expect(acknowledged.size).toBeGreaterThan(KILLS)
    if (database.location.kind === 'sqlite') {
      const file = new DatabaseSync(database.location.path)
      expect(file.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
      file.close()
    }
  })
})
