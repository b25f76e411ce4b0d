import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished, vi } from 'vitest'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { readRows } from './copy/read-rows.ts'
import { valueReplacer } from './copy/replace-value.ts'
import { countRows } from './copy/row-source.ts'
import { rowInserter } from './copy/write-rows.ts'
import { defineTable, text, uuid } from './index.ts'
import { readHistoryOf } from './migrate/read-history.ts'
import { rawStatement } from './postgres/control-statements.ts'
import { bigintValueType } from './schema/scalar-types.ts'
import { READ } from './session.ts'

const notes = defineTable(
  'notes',
  { id: uuid().primaryKey(), words: text(20) },
  { access: { kind: 'system' } },
)
const newId = createUuidv7({ now: () => new Date() })
const ROUNDS = 20

const open = {
  ...rawStatement('select count(*) as n from pg_prepared_statements'),
  hints: new Map([['n', bigintValueType]]),
}

forEachDatabase('what is asked again and again', { tables: [notes], poolSize: 1 }, (on) => {
  const seen: number[] = []
  /** How many statements the one connection has prepared so far. */
  const prepared = async () => {
    if (on.dialect === 'postgres') return Number(Object(await on.db[READ].first(open, [])).n)
    return vi.mocked(DatabaseSync.prototype.prepare).mock.calls.length
  }

  it('is prepared once, also where its words are made from a declaration each time', async () => {
    const spy = vi.spyOn(DatabaseSync.prototype, 'prepare')
    onTestFinished(() => spy.mockRestore())
    const rows = [newId(), newId(), newId()].map((id) => ({ id, words: 'first' }))
    await on.db.withSystem((tx) => rowInserter(on.dialect, notes, [])(tx, rows))
    for (let i = 0; i < ROUNDS; i++) {
      const system = on.db.asSystem()
      const found = []
      for await (const page of readRows(system[READ], notes, { pageRows: 2 })) found.push(...page)
      const last = found.at(-1)
      expect(found.map(({ words }) => words)).toEqual(['first', 'first', i === 0 ? 'first' : `${i - 1}`])
      expect(await countRows(system[READ], notes)).toBe(3)
      expect(await readHistoryOf(system)).toHaveLength(1)
      const isReplaced = await on.db.withSystem((tx) => valueReplacer(notes, 'words')(tx, last ?? {}, `${i}`))
      expect(isReplaced).toBe(true)
      seen.push(await prepared())
    }
    expect(seen[0]).toBeGreaterThan(0)
    expect(new Set(seen)).toEqual(new Set([seen[0]]))
  })
})
