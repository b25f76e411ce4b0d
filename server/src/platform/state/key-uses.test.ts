import { generateKeySync } from 'node:crypto'
import { beforeEach, expect, it } from 'vitest'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createSealer } from '../crypto/sealed.ts'
import { createSql } from '../db/index.ts'
import { keyUses } from './key-uses.table.ts'
import { COUNTED_MAX, countedIn, countUsesBeforeRestore, readKeyUses, reserveKeyUses } from './key-uses.ts'

const sql = createSql(keyUses)
const forget = sql.write(() => sql.builder.deleteFrom('key_uses'))
const BINDING = { table: 't', record: 'r', owner: 'o', field: 'f', version: 1 }
const key = { id: 'aaaaaaa', key: generateKeySync('aes', { length: 256 }) }
const ring = { current: key, byId: new Map([[key.id, key]]) }

forEachDatabase('uses of a sealing key', { tables: [keyUses] }, (on) => {
  beforeEach(() => on.db.withSystem((tx) => forget.run(tx, {})))

  const counted = async () => {
    const keys = countedIn(on.db, ring)
    await keys.ready()
    return keys
  }

  it('are counted before they are made, by all processes together', async () => {
    const processes = await Promise.all(Array.from({ length: 8 }, counted))
    let seals = 0
    for (const keys of processes) {
      const sealer = createSealer(keys)
      for (let i = 0; i < 300; i++, seals++) sealer.seal(BINDING, 'a')
    }
    expect(await readKeyUses(on.db, key.id)).toBeGreaterThanOrEqual(seals)
  })

  it('are asked for in the middle of a transaction, without a part in it', async () => {
    const sealer = createSealer(await counted())
    const before = await readKeyUses(on.db, key.id)
    await expect(
      on.db.withSystem(async () => {
        for (let i = 0; i < before * 0.75; i++) sealer.seal(BINDING, 'a')
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    await expect.poll(() => readKeyUses(on.db, key.id)).toBeGreaterThan(before)
  })

  it('end below 2^32, with room for what was never counted', async () => {
    expect(COUNTED_MAX).toBe(2 ** 32 - 2 ** 28)
    expect(await reserveKeyUses(on.db, key.id, COUNTED_MAX)).toBe(true)
    expect(await reserveKeyUses(on.db, key.id, 1)).toBe(false)
    const sealer = createSealer(await counted())
    expect(() => sealer.seal(BINDING, 'a')).toThrow('run outcry keys rotate')
  })

  it('are more after a restore, which cannot know what was sealed since', async () => {
    await reserveKeyUses(on.db, key.id, 5)
    await on.db.withSystem(countUsesBeforeRestore)
    expect(await readKeyUses(on.db, key.id)).toBe(5 + 2 ** 28)
  })
})
