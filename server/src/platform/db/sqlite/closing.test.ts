import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createSql, defineTable, insertRow, integer, openDatabase } from '../index.ts'

const boxes = defineTable('boxes', { id: integer().primaryKey() }, { access: { kind: 'internal' } })
const sql = createSql(boxes)
const insert = insertRow(sql, boxes)

forEachDatabase('closing a database', { tables: [boxes] }, (on) => {
  it('succeeds while another process writes, and leaves what was stored', async () => {
    if (on.location.kind !== 'sqlite') return
    const db = openDatabase(on.location)
    for (let id = 0; id < 2_000; id++) await db.transaction((tx) => insert(tx, { id })) // so that statistics are due
    const other = new DatabaseSync(on.location.path)
    other.exec('begin immediate')
    await expect(db.close()).resolves.toBeUndefined()
    other.exec('rollback')
    expect(other.prepare('select count(*) as boxes from boxes').get()).toEqual({ boxes: 2_000 })
    other.close()
  })
})
