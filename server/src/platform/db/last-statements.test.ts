import { expect, it } from 'vitest'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import {
  createSql,
  defineTable,
  InvalidValueError,
  insertRow,
  isUniqueViolation,
  TransactionUseError,
  type Tx,
  text,
  unique,
  uuid,
} from './index.ts'

const names = defineTable(
  'names',
  { id: uuid().primaryKey(), name: text(40) },
  { access: { kind: 'system' }, indexes: [unique('name')] },
)
const sql = createSql(names)
const insert = insertRow(sql, names)
const all = sql.read(() => sql.from('names').select('name').orderBy('name'))
const newId = createUuidv7({ now: () => new Date() })
const TOO_LONG = 'x'.repeat(41)

// One connection, so that whatever a transaction leaves behind is met by the next.
forEachDatabase('the last statements of a transaction', { tables: [names], poolSize: 1 }, (on) => {
  const add = (tx: Tx, name: string) => insert(tx, { id: newId(), name })
  const addLast = (names: readonly string[], react = () => {}) =>
    on.db.withSystem((tx) => {
      tx.afterCommit(react)
      return tx.last(Promise.all(names.map((name) => add(tx, name))))
    })
  const stored = async () => (await all.all(on.db.asSystem(), {})).map(({ name }) => name)

  it('are committed with what came before them when the promise resolves', async () => {
    let reactions = 0
    await addLast(['a', 'b'], () => reactions++)
    const answer = await on.db.withSystem(async (tx) => {
      await add(tx, 'c')
      return tx.last(add(tx, 'd').then(() => 'done'))
    })
    expect(await on.db.withSystem((tx) => tx.last(all.all(tx, {})))).toHaveLength(4)
    expect({ answer, reactions, stored: await stored() }).toEqual({
      answer: 'done',
      reactions: 1,
      stored: ['a', 'b', 'c', 'd'],
    })
  })

  it.each([
    ['first', ['taken', 'e', 'f']],
    ['last', ['e', 'f', 'taken']],
  ])('store nothing when the database refuses the %s of them', async (_which, given) => {
    if (!(await stored()).includes('taken')) await addLast(['taken'])
    const before = await stored()
    let reactions = 0
    const adding = addLast(given, () => reactions++)
    await expect(adding).rejects.toSatisfy((error) => isUniqueViolation(error, 'name'))
    expect({ stored: await stored(), reactions }).toEqual({ stored: before, reactions: 0 })
  })

  it.each([
    ['first', [TOO_LONG, 'e', 'f']],
    ['last', ['e', 'f', TOO_LONG]],
  ])('store nothing when no column takes the %s of them', async (_which, given) => {
    const before = await stored()
    await expect(addLast(given)).rejects.toThrow(InvalidValueError)
    const after = on.db.withSystem(async (tx) => {
      await add(tx, 'g')
      return tx.last(Promise.all(given.map((name) => add(tx, name))))
    })
    await expect(after).rejects.toThrow(InvalidValueError)
    expect(await stored()).toEqual(before)
  })

  it('store nothing when nobody listens to the refusal of one', async () => {
    await addLast(['there'])
    const before = await stored()
    const adding = on.db.withSystem((tx) => {
      const refused = add(tx, 'there').catch(() => undefined)
      return tx.last(Promise.all([refused, add(tx, 'beside')]))
    })
    await expect(adding).rejects.toThrow()
    expect(await stored()).toEqual(before)
  })

  it('store nothing when the work throws with them', async () => {
    const before = await stored()
    const adding = on.db.withSystem(async (tx) => {
      tx.last(add(tx, 'given up')).catch(() => undefined)
      throw new Error('changed my mind')
    })
    await expect(adding).rejects.toThrow('changed my mind')
    expect(await stored()).toEqual(before)
  })

  it('are committed by themselves when there is only one', async () => {
    await on.db.withSystem((tx) => tx.last(add(tx, 'alone')))
    const taken = on.db.withSystem((tx) => tx.last(add(tx, 'alone')))
    await expect(taken).rejects.toSatisfy((error) => isUniqueViolation(error, 'name'))
    expect((await stored()).filter((name) => name === 'alone')).toHaveLength(1)
  })

  it('are the last, and not those of a savepoint', async () => {
    const before = await stored()
    const further = on.db.withSystem(async (tx) => {
      await tx.last(add(tx, 'h'))
      await add(tx, 'i')
    })
    await expect(further).rejects.toThrow(TransactionUseError)
    const nested = on.db.withSystem((tx) => tx.savepoint((inner) => inner.last(add(inner, 'j'))))
    await expect(nested).rejects.toThrow(TransactionUseError)
    const found = await stored()
    expect(found.filter((name) => name !== 'h')).toEqual(before)
  })
})
