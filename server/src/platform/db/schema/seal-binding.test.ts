import { generateKeySync } from 'node:crypto'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import type { SecretKey } from '../../crypto/key-ring.ts'
import { createSealer, SealIntegrityError } from '../../crypto/sealed.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  bindingOf,
  createSql,
  defineTable,
  enumOf,
  insertRow,
  integer,
  QueryDefinitionError,
  sealed,
  text,
  updateRow,
  uuid,
} from '../index.ts'

const safes = defineTable(
  'safes',
  {
    id: uuid().primaryKey(),
    user_id: uuid(),
    environment: enumOf(['paper', 'live']),
    api_key: sealed(['id', 'user_id', 'environment']),
    secret_key: sealed(['id', 'user_id', 'environment']).nullable(),
    pin: sealed(['id', 'user_id'], { version: 'version' }).nullable(),
    note: text(20).nullable(),
    version: integer().default(0),
  },
  { access: { kind: 'private', owner: 'user_id' } },
)
const sql = createSql(safes)
const insert = insertRow(sql, safes)
const update = updateRow(sql, safes)
const newId = createUuidv7({ now: () => new Date() })
const key: SecretKey = { id: 'kek0001', key: generateKeySync('aes', { length: 256 }) }
const sealer = createSealer({ current: key, byId: new Map([[key.id, key]]) })
const byId = sql.read((p: { id: string }) => sql.from('safes').selectAll().where('id', '=', p.id))

forEachDatabase('a sealed column', { tables: [safes] }, (on) => {
  const put = async (user_id: string, environment: 'paper' | 'live', secret: string) => {
    const row = { id: newId(), user_id, environment }
    const binding = bindingOf(safes, 'api_key', { row, version: 0 })
    await on.db.withSystem((tx) => insert(tx, { ...row, api_key: sealer.seal(binding, secret) }))
    return row.id
  }
  const get = async (id: string) => {
    const row = await byId.first(on.db.asSystem(), { id })
    if (!row) throw new Error('The row is gone.')
    return row
  }
  const open = async (id: string, column: 'api_key' | 'secret_key' = 'api_key') => {
    const row = await get(id)
    const envelope = row[column]
    if (!envelope) throw new Error('Nothing is sealed here.')
    const binding = bindingOf(safes, column, { row, version: row.version })
    return Buffer.from(sealer.open(binding, envelope)).toString()
  }
  const change = (id: string, patch: Parameters<typeof update>[2]) =>
    on.db.withSystem((tx) => update(tx, { id }, patch))

  it('opens where it was sealed, also when the row was given in another spelling', async () => {
    const user = newId()
    const id = await put(user.toUpperCase(), 'paper', 'the key')
    expect(await open(id)).toBe('the key')
  })

  it('opens nowhere else: another row, column, owner, environment or version', async () => {
    const [ann, bob] = [newId(), newId()]
    const id = await put(ann, 'paper', 'of ann')
    const other = await put(ann, 'paper', 'another of ann')
    const { api_key } = await get(id)

    await change(other, { api_key })
    await expect(open(other)).rejects.toThrow(SealIntegrityError)
    await change(id, { secret_key: api_key })
    await expect(open(id, 'secret_key')).rejects.toThrow(SealIntegrityError)
    const moves = [
      [{ user_id: bob }, { user_id: ann }],
      [{ environment: 'live' }, { environment: 'paper' }],
      [{ version: 1 }, { version: 0 }],
    ] as const
    for (const [there, back] of moves) {
      await change(id, there)
      await expect(open(id)).rejects.toThrow(SealIntegrityError)
      await change(id, back)
      expect(await open(id)).toBe('of ann')
    }
  })

  it('is bound to the version that the column beside it counts, where that is declared', () => {
    const row = { id: newId(), user_id: newId() }
    expect(bindingOf(safes, 'pin', { row: { ...row, version: 3 } })).toMatchObject({
      version: 3,
      context: [],
    })
    expect(bindingOf(safes, 'pin', { row: { ...row, version: 4 }, version: 3 }).version).toBe(4)
    expect(() => bindingOf(safes, 'pin', { row, version: 3 })).toThrow(QueryDefinitionError)
    expect(bindingOf(safes, 'api_key', { row: { ...row, environment: 'live' } }).version).toBe(1)
    expect(() =>
      defineTable(
        'wrong',
        { id: uuid().primaryKey(), key: sealed(['id', 'id'], { version: 'count' }) },
        { access: { kind: 'system' } },
      ),
    ).toThrow(QueryDefinitionError)
  })

  it('is bound only as declared and from a row that holds what it is bound to', () => {
    const row = { id: newId(), user_id: newId() }
    expect(() => bindingOf(safes, 'api_key', { row, version: 0 })).toThrow('environment')
    expect(() => bindingOf(safes, 'note', { row, version: 0 })).toThrow(QueryDefinitionError)
    const whole = { ...row, environment: 'live' } as const
    expect(() => bindingOf(safes, 'api_key', { row: whole, version: -1 })).toThrow(QueryDefinitionError)
    expect(() =>
      defineTable(
        'wrong',
        { id: uuid().primaryKey(), key: sealed(['id', 'user_id']) },
        { access: { kind: 'system' } },
      ),
    ).toThrow(QueryDefinitionError)
  })
})
