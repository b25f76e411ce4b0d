import { sql as raw } from 'kysely'
import { expect, it } from 'vitest'
import { forEachDatabase } from '../../../testing/for-each-database.ts'
import { createUuidv7 } from '../../crypto/uuid.ts'
import {
  computed,
  createSql,
  defineTable,
  insertRow,
  isUniqueViolation,
  ownedBy,
  QueryDefinitionError,
  type Row,
  text,
  uuid,
} from '../index.ts'

const marks = defineTable(
  'marks',
  { id: uuid().primaryKey(), owner_id: uuid(), label: text(20) },
  { access: { kind: 'private', owner: 'owner_id' } },
)
const newId = createUuidv7({ now: () => new Date() })
const sql = createSql(marks)
const insert = insertRow(sql, marks)
const all = sql.read(() => sql.from('marks').selectAll())
const ofOwner = sql.read((p: { owner: string }) =>
  sql.from('marks').selectAll().where(ownedBy('marks.owner_id', p.owner)).orderBy('id'),
)
const remove = sql.write((p: { id: string }) => sql.builder.deleteFrom('marks').where('id', '=', p.id))
const rowOf = (owner: string) => ({ id: newId(), owner_id: owner, label: 'x' })

// One connection, so that whatever a transaction leaves behind is met by the next.
forEachDatabase('a transaction of one statement', { tables: [marks], poolSize: 1 }, (on) => {
  it('is committed when its promise resolves, once', async () => {
    const owner = newId()
    const row = rowOf(owner)
    let reactions = 0
    await on.db.withMember(owner, (tx) => {
      tx.afterCommit(() => reactions++)
      return insert(tx, row)
    })
    expect(reactions).toBe(1)
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([row])
  })
  it('fails with all that was sent behind the statement that failed, for its reason', async () => {
    const owner = newId()
    const row = rowOf(owner)
    const reasons: unknown[] = []
    const adding = on.db.withMember(owner, async (tx) => {
      await insert(tx, row)
      const sent = [insert(tx, row), insert(tx, rowOf(owner)), all.all(tx, {})]
      for (const end of await Promise.allSettled(sent))
        if (end.status === 'rejected') reasons.push(end.reason)
    })
    await expect(adding).rejects.toThrow()
    expect(reasons.length).toBeGreaterThan(0)
    expect(reasons.every((error) => isUniqueViolation(error, 'id'))).toBe(true)
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([])
  })
  it('leaves no trace when it fails, and the statement works again on the same connection', async () => {
    const owner = newId()
    const row = rowOf(owner)
    let reactions = 0
    const add = () =>
      on.db.withMember(owner, (tx) => {
        tx.afterCommit(() => reactions++)
        return insert(tx, row)
      })
    await add()
    for (let i = 0; i < 3; i++)
      await expect(add()).rejects.toSatisfy((error) => isUniqueViolation(error, 'id'))
    const other = rowOf(owner)
    await on.db.withMember(owner, (tx) => insert(tx, other))
    expect(reactions).toBe(1)
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([row, other])
  })
  it('takes its row context with it', async () => {
    const owner = newId()
    const row = rowOf(owner)
    await on.db.withMember(owner, (tx) => insert(tx, row))
    if (on.dialect === 'sqlite') return
    expect(await all.all(on.db, {})).toEqual([])
    expect(await on.db.transaction((tx) => remove.run(tx, { id: row.id }))).toBe(0)
    await expect(on.db.withMember(newId(), (tx) => insert(tx, rowOf(owner)))).rejects.toThrow()
    expect(await all.all(on.db.asMember(newId()), {})).toEqual([])
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([row])
  })
})

forEachDatabase('a read', { tables: [marks], poolSize: 1 }, (on) => {
  it('cannot be built as a write, in front or inside', async () => {
    const writes = [
      () => sql.builder.insertInto('marks').values(rowOf(newId())).returningAll(),
      () => sql.builder.deleteFrom('marks').returningAll(),
      () =>
        sql.builder
          .with('gone', (db) => db.deleteFrom('marks').returningAll())
          .selectFrom('gone')
          .selectAll(),
      () =>
        sql.builder
          .with('gone', () => raw<Row<typeof marks>>`delete from marks returning *`)
          .selectFrom('gone')
          .selectAll(),
    ]
    for (const build of writes) {
      await expect(sql.read(build).all(on.db.asSystem(), {})).rejects.toThrow(QueryDefinitionError)
    }
  })
  it('with a row context runs in a read-only transaction, and the next transaction writes again', async () => {
    if (on.dialect === 'sqlite') return
    const owner = newId()
    await on.db.withMember(owner, (tx) => insert(tx, rowOf(owner)))
    const mode = sql.read(() =>
      sql.from('marks').select(computed(raw`current_setting('transaction_read_only')`, text(3)).as('mode')),
    )
    expect(await mode.all(on.db.asMember(owner), {})).toEqual([{ mode: 'on' }])
    await on.db.withMember(owner, (tx) => insert(tx, rowOf(owner)))
    expect(await mode.all(on.db.asMember(owner), {})).toHaveLength(2)
  })
})

forEachDatabase('a transaction of several statements', { tables: [marks], poolSize: 1 }, (on) => {
  it('rolls back all of them, also those sent without waiting', async () => {
    const owner = newId()
    const row = rowOf(owner)
    const twice = on.db.withMember(owner, (tx) => {
      insert(tx, row).catch(() => undefined)
      return insert(tx, row)
    })
    await expect(twice).rejects.toSatisfy((error) => isUniqueViolation(error, 'id'))
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([])
  })
  it('rolls back when work throws before it returns a promise', async () => {
    const owner = newId()
    const broken = on.db.withMember(owner, (tx) => {
      insert(tx, rowOf(owner)).catch(() => undefined)
      throw new Error('broken')
    })
    await expect(broken).rejects.toThrow('broken')
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([])
  })
  it('commits what was written before a second statement, and nothing when there was none', async () => {
    const owner = newId()
    const [one, two] = [rowOf(owner), rowOf(owner)]
    await on.db.withMember(owner, async () => undefined)
    await on.db.withMember(owner, async (tx) => {
      await insert(tx, one)
      await tx.savepoint((inner) => insert(inner, two))
    })
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([one, two])
    await expect(
      on.db.withMember(owner, async (tx) => {
        await insert(tx, rowOf(owner))
        throw new Error('undone')
      }),
    ).rejects.toThrow('undone')
    expect(await ofOwner.all(on.db.asMember(owner), { owner })).toEqual([one, two])
  })
})
