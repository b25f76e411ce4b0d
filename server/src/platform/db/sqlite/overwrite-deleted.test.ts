import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import { bytes, createSql, defineTable, insertRow, updateRow, uuid } from '../index.ts'

const boxes = defineTable(
  'boxes',
  { id: uuid().primaryKey(), content: bytes(4_000).nullable() },
  { access: { kind: 'internal' } },
)
const sql = createSql(boxes)
const insert = insertRow(sql, boxes)
const update = updateRow(sql, boxes)
const remove = sql.write((p: { id: string }) => sql.builder.deleteFrom('boxes').where('id', '=', p.id))
const newId = createUuidv7({ now: () => new Date() })

forEachDatabase('what was deleted or replaced', { tables: [boxes] }, (on) => {
  const files = () => {
    if (on.location.kind !== 'sqlite') return []
    const { path } = on.location
    return [path, `${path}-wal`].filter((each) => existsSync(each)).map((each) => readFileSync(each))
  }
  const isThere = (content: Uint8Array) => files().some((file) => file.includes(content))

  it('is overwritten in the database and its log when that is asked for, small or large', async () => {
    const rows = Array.from({ length: 40 }, (_, n) => ({
      id: newId(),
      content: randomBytes(n % 4 ? 200 : 3_500),
    }))
    for (const row of rows) await on.db.transaction((tx) => insert(tx, row))
    await on.db.overwriteDeleted()
    if (on.db.dialect === 'sqlite') expect(rows.every(({ content }) => isThere(content))).toBe(true)
    const [kept, ...others] = rows
    for (const [n, { id }] of others.entries()) {
      await on.db.transaction((tx) =>
        n % 2 ? remove.run(tx, { id }) : update(tx, { id }, { content: n % 3 ? randomBytes(200) : null }),
      )
    }
    expect(await on.db.overwriteDeleted()).toBe(true)
    expect(others.filter(({ content }) => isThere(content))).toEqual([])
    if (on.db.dialect === 'sqlite') expect(kept && isThere(kept.content)).toBe(true)
  })

  it('is said to be there still while somebody reads the log', async () => {
    if (on.location.kind !== 'sqlite') return
    const reader = new DatabaseSync(on.location.path, { readOnly: true })
    await on.db.transaction((tx) => insert(tx, { id: newId(), content: randomBytes(200) }))
    reader.exec('begin; select * from boxes')
    reader.prepare('select count(*) from boxes').get()
    expect(await on.db.overwriteDeleted()).toBe(false)
    reader.exec('commit')
    reader.close()
    expect(await on.db.overwriteDeleted()).toBe(true)
  })
})
