import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMigratedDatabase, migrationFor } from '../../testing/for-each-database.ts'
import { pairs } from '../../testing/kill-child.ts'
import { killAfter } from '../../testing/kill-process.ts'
import { createSql, type Dialect, openDatabase } from './index.ts'

const KILLS = 50
const sql = createSql(pairs)
const all = sql.read(() => sql.from('pairs').select(['pair', 'filler']))

describe.each<Dialect>(['sqlite', 'postgres'])('a process killed while it writes on %s', (dialect) => {
  it(`loses no acknowledged transaction and halves none, ${KILLS} times`, { timeout: 120_000 }, async () => {
    const schema = { tables: [pairs], migrations: [migrationFor([pairs])] }
    const database = await createMigratedDatabase(dialect, schema)
    onTestFinished(() => database.drop())
    const acknowledged = new Set<string>()
    for (let kill = 0; kill < KILLS; kill++) {
      const { words, wasKilled } = await killAfter('write', database.location, Math.random() * 30)
      expect(wasKilled).toBe(true)
      for (const word of words) acknowledged.add(word)
      if (database.location.kind === 'sqlite') {
        const file = new DatabaseSync(database.location.path)
        expect(file.prepare('pragma quick_check').all()).toEqual([{ quick_check: 'ok' }])
        file.close()
      }
    }
    const db = openDatabase(database.location)
    const rows = await all.all(db.asSystem(), {})
    await db.close()
    const sizes = Map.groupBy(rows, ({ pair }) => pair)
    const lost = [...acknowledged].filter((pair) => !sizes.has(pair))
    const halved = [...sizes.values()].filter((pair) => pair.length !== 2)
    expect({ lost, halved }).toEqual({ lost: [], halved: [] })
    expect(acknowledged.size).toBeGreaterThan(KILLS)
    if (database.location.kind === 'sqlite') {
      const file = new DatabaseSync(database.location.path)
      expect(file.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
      file.close()
    }
  })
})
