import { expect, it } from 'vitest'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import {
  createSql,
  defineTable,
  InvalidValueError,
  insertRow,
  type Queryable,
  TransactionUseError,
  type Tx,
  text,
  uuid,
} from './index.ts'

const secrets = defineTable(
  'secrets',
  { id: uuid().primaryKey(), user_id: uuid(), note: text(20) },
  { access: { kind: 'private', owner: 'user_id' } },
)
const sql = createSql(secrets)
const insert = insertRow(sql, secrets)
/** Without an owner predicate, so that row security alone decides. */
const all = sql.read(() => sql.from('secrets').select(['note']).orderBy('note'))
/** What no migration has made. */
const absent = defineTable('absent', { id: uuid().primaryKey() }, { access: { kind: 'system' } })
const sqlOfAbsent = createSql(absent)
const missing = sqlOfAbsent.read(() => sqlOfAbsent.from('absent').select(['id']))
const newId = createUuidv7({ now: () => new Date() })

// One connection, so that whatever a transaction leaves behind is met by the next.
forEachDatabase('reading as a member within a transaction', { tables: [secrets], poolSize: 1 }, (on) => {
  const [ann, bob] = [newId(), newId()]
  const notes = async (db: Queryable) => (await all.all(db, {})).map(({ note }) => note)
  const both = ['ann', 'bob']
  const seen = (member: string[]) => (on.dialect === 'postgres' ? member : both)

  it('sees that member alone, first, last or in between, and everything again afterwards', async () => {
    await on.db.withSystem(async (tx) => {
      await insert(tx, { id: newId(), user_id: ann, note: 'ann' })
      await insert(tx, { id: newId(), user_id: bob, note: 'bob' })
    })
    const read = await on.db.withSystem(async (tx) => [
      await notes(tx.asMember(ann)),
      await notes(tx),
      ...(await Promise.all([notes(tx.asMember(bob)), notes(tx.asMember(ann)), notes(tx)])),
      await notes(tx.asMember(bob)),
    ])
    expect(read).toEqual([seen(['ann']), both, seen(['bob']), seen(['ann']), both, seen(['bob'])])
    expect(await notes(on.db.asSystem())).toEqual(both)
  })

  it('leaves writes to the transaction, whose row context they have', async () => {
    await on.db.withSystem(async (tx) => {
      await notes(tx.asMember(ann))
      await insert(tx, { id: newId(), user_id: bob, note: 'bob too' })
      await notes(tx.asMember(ann))
    })
    expect(await notes(on.db.asSystem())).toEqual([...both, 'bob too'])
    if (on.dialect === 'sqlite') return
    const foreign = on.db.withMember(ann, async (tx) => {
      expect(await notes(tx.asMember(bob))).toEqual(['bob', 'bob too'])
      await insert(tx, { id: newId(), user_id: bob, note: 'not hers' })
    })
    await expect(foreign).rejects.toThrow()
    expect(await notes(on.db.asSystem())).not.toContain('not hers')
  })

  it('is undone with the transaction, and leaves no context behind', async () => {
    const failing = on.db.withSystem(async (tx) => {
      await insert(tx, { id: newId(), user_id: ann, note: 'undone' })
      expect(await notes(tx.asMember(ann))).toContain('undone')
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await on.db.withMember(bob, notes)).toEqual(
      on.dialect === 'postgres' ? ['bob', 'bob too'] : expect.any(Array),
    )
    expect(await on.db.withSystem(notes)).not.toContain('undone')
    expect(await on.db.withSystem(async () => 'nothing was asked')).toBe('nothing was asked')
  })

  it('that the database refuses leaves neither its transaction nor its connection unusable', async () => {
    const refused = (tx: Tx) => missing.all(tx.asMember(ann), {})
    await expect(on.db.withSystem(refused)).rejects.toThrow('absent')
    expect(await notes(on.db.asSystem())).toContain('bob too')
    const seenAfter = await on.db.withSystem(async (tx) => {
      await expect(tx.savepoint(refused)).rejects.toThrow('absent')
      return notes(tx)
    })
    expect(seenAfter).toContain('bob too')
    await expect(on.db.withSystem((tx) => tx.last(refused(tx)))).rejects.toThrow('absent')
    expect(await notes(on.db.asSystem())).toContain('bob too')
  })

  it('is refused for what is no member, and when the transaction is over', async () => {
    await expect(on.db.withSystem(async (tx) => notes(tx.asMember('ann')))).rejects.toThrow(InvalidValueError)
    const kept = await on.db.withSystem(async (tx) => tx.asMember(ann))
    await expect(notes(kept)).rejects.toThrow(TransactionUseError)
  })
})
