import { beforeAll, describe, expect, it } from 'vitest'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { onPostgresAt } from '../../testing/postgres-client.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import {
  AccessRefusedError,
  createSql,
  defineTable,
  insertRow,
  ownedBy,
  type Queryable,
  text,
  updateRow,
  uuid,
} from './index.ts'

const columns = () => ({ id: uuid().primaryKey(), user_id: uuid(), note: text(50) })
const secrets = defineTable('secrets', columns(), { access: { kind: 'private', owner: 'user_id' } })
const posts = defineTable('posts', columns(), { access: { kind: 'shared', owner: 'user_id' } })
const events = defineTable('events', columns(), { access: { kind: 'internal' }, isAppendOnly: true })
const ledger = defineTable('ledger', columns(), { access: { kind: 'system' } })
const tables = [secrets, posts, events, ledger]
const sql = createSql(...tables)
const newId = createUuidv7({ now: () => new Date() })

const inserts = {
  secrets: insertRow(sql, secrets),
  posts: insertRow(sql, posts),
  events: insertRow(sql, events),
  ledger: insertRow(sql, ledger),
}
const updates = {
  secrets: updateRow(sql, secrets),
  posts: updateRow(sql, posts),
  ledger: updateRow(sql, ledger),
}

/** Every statement carries the caller's own predicate, as those of a store do. */
const mine = sql.read((p: { userId: string }) =>
  sql.from('secrets').select(['id', 'note']).where(ownedBy('user_id', p.userId)),
)
const drop = sql.write((p: { id: string; userId: string }) =>
  sql.builder.deleteFrom('secrets').where('id', '=', p.id).where(ownedBy('user_id', p.userId)),
)
const noteOf = (name: string) =>
  sql.read((p: { id: string }) => sql.untyped.selectFrom(name).select('note').where('id', '=', p.id))
const notes = {
  secrets: noteOf('secrets'),
  posts: noteOf('posts'),
  events: noteOf('events'),
  ledger: noteOf('ledger'),
}

type Fixture = Parameters<Parameters<typeof forEachDatabase>[2]>[0]

function itIsolatesMembers(on: Fixture): void {
  it('gives a member their own private rows and nobody else any', async () => {
    const [ann, bob, id] = [newId(), newId(), newId()]
    await on.db.withMember(ann, (tx) => inserts.secrets(tx, { id, user_id: ann, note: 'of ann' }))
    const seen = (db: Queryable, userId: string) => mine.all(db, { userId })
    expect(await seen(on.db.asMember(ann), ann)).toEqual([{ id, note: 'of ann' }])
    expect(await seen(on.db.asMember(bob), bob)).toEqual([])
    expect(await on.db.withMember(bob, (tx) => seen(tx, bob))).toEqual([])
    expect(
      await on.db.withMember(bob, (tx) => updates.secrets(tx, { id, user_id: bob }, { note: 'mine now' })),
    ).toBe(0)
    expect(await on.db.withMember(bob, (tx) => drop.run(tx, { id, userId: bob }))).toBe(0)
    expect(await seen(on.db.asMember(ann), ann)).toEqual([{ id, note: 'of ann' }])
    expect(await on.db.withMember(ann, (tx) => drop.run(tx, { id, userId: ann }))).toBe(1)
  })
}

forEachDatabase('isolation by both', { tables }, (on) => {
  itIsolatesMembers(on)

  it('lets an append-only table take rows and never change or lose one', async () => {
    const id = newId()
    await on.db.withSystem((tx) => inserts.events(tx, { id, user_id: newId(), note: 'happened' }))
    const rewrite = sql.write(() =>
      sql.builder.updateTable('events').set({ note: 'never' }).where('id', '=', id),
    )
    const erase = sql.write(() => sql.builder.deleteFrom('events').where('id', '=', id))
    for (const statement of [rewrite, erase]) {
      await expect(on.db.withSystem((tx) => statement.run(tx, {}))).rejects.toThrow(AccessRefusedError)
    }
    expect(await notes.events.first(on.db.asSystem(), { id })).toEqual({ note: 'happened' })
  })
})

forEachDatabase('isolation by row security alone', { tables, ownerPredicates: false }, (on) => {
  const onPostgres = (title: string, test: () => Promise<void>) =>
    on.dialect === 'postgres' && it(title, test)

  if (on.dialect === 'sqlite') {
    it('is not there: SQLite has the predicates only', async () => {
      const [ann, id] = [newId(), newId()]
      await on.db.withMember(ann, (tx) => inserts.secrets(tx, { id, user_id: ann, note: 'of ann' }))
      expect(await mine.all(on.db.asMember(newId()), { userId: newId() })).toHaveLength(1)
    })
    return
  }
  itIsolatesMembers(on)

  onPostgres(
    'shows nobody and other members no private row, and lets nobody write one for another',
    async () => {
      const [ann, bob, id] = [newId(), newId(), newId()]
      await on.db.withMember(ann, (tx) => inserts.secrets(tx, { id, user_id: ann, note: 'of ann' }))
      expect(await notes.secrets.all(on.db, { id })).toEqual([])
      expect(await on.db.transaction((tx) => notes.secrets.all(tx, { id }))).toEqual([])
      expect(await notes.secrets.all(on.db.asMember(bob), { id })).toEqual([])
      expect(await notes.secrets.all(on.db.asSystem(), { id })).toHaveLength(1)
      for (const name of ['secrets', 'posts'] as const) {
        const forAnother = on.db.withMember(bob, (tx) =>
          inserts[name](tx, { id: newId(), user_id: ann, note: 'x' }),
        )
        await expect(forAnother).rejects.toThrow(AccessRefusedError)
        const asNobody = on.db.transaction((tx) =>
          inserts[name](tx, { id: newId(), user_id: ann, note: 'x' }),
        )
        await expect(asNobody).rejects.toThrow(AccessRefusedError)
      }
      const given = on.db.withMember(ann, (tx) => updates.secrets(tx, { id }, { user_id: bob }))
      await expect(given).rejects.toThrow(AccessRefusedError)
      expect(await on.db.withMember(bob, (tx) => updates.secrets(tx, { id }, { note: 'x' }))).toBe(0)
    },
  )

  onPostgres('shows shared rows to all and lets their owner and the system write', async () => {
    const [ann, bob, id] = [newId(), newId(), newId()]
    await on.db.withMember(ann, (tx) => inserts.posts(tx, { id, user_id: ann, note: 'first' }))
    expect(await notes.posts.all(on.db, { id })).toEqual([{ note: 'first' }])
    expect(await notes.posts.all(on.db.asMember(bob), { id })).toEqual([{ note: 'first' }])
    expect(await on.db.withMember(bob, (tx) => updates.posts(tx, { id }, { note: 'x' }))).toBe(0)
    expect(await on.db.withSystem((tx) => updates.posts(tx, { id }, { note: 'moderated' }))).toBe(1)
    expect(await notes.posts.all(on.db, { id })).toEqual([{ note: 'moderated' }])
  })

  onPostgres('takes internal rows from anyone and shows them to the system alone', async () => {
    const [ann, id] = [newId(), newId()]
    await on.db.withMember(ann, (tx) => inserts.events(tx, { id, user_id: ann, note: 'seen' }))
    expect(await notes.events.all(on.db.asMember(ann), { id })).toEqual([])
    expect(await notes.events.all(on.db, { id })).toEqual([])
    expect(await notes.events.all(on.db.asSystem(), { id })).toEqual([{ note: 'seen' }])
  })

  onPostgres('keeps system rows to the system', async () => {
    const [ann, id] = [newId(), newId()]
    await on.db.withSystem((tx) => inserts.ledger(tx, { id, user_id: ann, note: 'ours' }))
    expect(await notes.ledger.all(on.db.asMember(ann), { id })).toEqual([])
    expect(await on.db.withMember(ann, (tx) => updates.ledger(tx, { id }, { note: 'x' }))).toBe(0)
    const byMember = on.db.withMember(ann, (tx) =>
      inserts.ledger(tx, { id: newId(), user_id: ann, note: 'x' }),
    )
    await expect(byMember).rejects.toThrow(AccessRefusedError)
  })
})

forEachDatabase('isolation by predicates alone', { tables }, (on) => {
  beforeAll(async () => {
    if (on.location.kind !== 'postgres') return
    await onPostgresAt(on.location.adminUrl, async (owner) => {
      for (const { name } of tables) await owner.query(`alter table ${name} disable row level security`)
    })
  })
  describe('holds', () => itIsolatesMembers(on))
})
