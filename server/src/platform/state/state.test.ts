import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { createSql, type Db, openDatabase } from '../db/index.ts'
import { HOUR } from '../durations.ts'
import { instanceState } from './instance-state.table.ts'
import {
  forgetState,
  initialState,
  raiseClockMark,
  raiseEpoch,
  readEpoch,
  readState,
  readStateIn,
  takeState,
  writeState,
} from './state.ts'

const sql = createSql(instanceState)
const deleteAll = sql.write(() => sql.builder.deleteFrom('instance_state'))

forEachDatabase('the state of an instance', { tables: [instanceState] }, (on) => {
  const clock = fixedClock()
  let other: Db
  beforeAll(() => {
    other = openDatabase(on.location, { detectOutsideWaits: true })
  })
  afterAll(() => other.close())
  beforeEach(() => on.db.withSystem((tx) => deleteAll.run(tx, {})))

  it('is what was written last, and nothing before', async () => {
    expect(await readState(on.db, 'key_check')).toBeUndefined()
    await on.db.withSystem((tx) => writeState(tx, 'key_check', { value: 'a', clock }))
    await on.db.withSystem(async (tx) => {
      await writeState(tx, 'key_check', { value: 'b', clock })
      expect(await readStateIn(tx, 'key_check')).toBe('b')
    })
    expect(await readState(other, 'key_check')).toBe('b')
    expect(await readState(on.db, 'epoch')).toBeUndefined()
  })

  it('is the same for two nodes that start together', async () => {
    const start = (db: Db, value: string) =>
      db.withSystem((tx) => initialState(tx, 'created_at', { value, clock }))
    const got = await Promise.all([start(on.db, 'first'), start(other, 'second')])
    expect(got[0]).toBe(got[1])
    expect(await readState(on.db, 'created_at')).toBe(got[0])
  })

  it('is taken by one of those who ask at once, and only as what it is', async () => {
    await on.db.withSystem((tx) => writeState(tx, 'setup_token', { value: 'once', clock }))
    const take = (db: Db, value: string) => db.withSystem((tx) => takeState(tx, 'setup_token', value))
    expect(await take(on.db, 'other')).toBe(false)
    const taken = await Promise.all(
      Array.from({ length: 16 }, (_, i) => take(i % 2 === 0 ? on.db : other, 'once')),
    )
    expect(taken.filter((is) => is)).toHaveLength(1)
    expect(await readState(other, 'setup_token')).toBeUndefined()
  })

  it('is forgotten whatever it was', async () => {
    await on.db.withSystem((tx) => writeState(tx, 'setup_token', { value: 'once', clock }))
    await on.db.withSystem((tx) => forgetState(tx, 'setup_token'))
    expect(await readState(on.db, 'setup_token')).toBeUndefined()
    await on.db.withSystem((tx) => forgetState(tx, 'setup_token'))
  })

  it('counts every raise of the epoch, from two nodes at once', async () => {
    expect(await readEpoch(on.db)).toBe(0)
    const raised = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? on.db : other).withSystem((tx) => raiseEpoch(tx, clock)),
      ),
    )
    expect(raised.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect(await readEpoch(other)).toBe(20)
  })

  it('remembers the latest time it has seen, so that a clock that was set back is noticed', async () => {
    const look = () => on.db.withSystem((tx) => raiseClockMark(tx, clock))
    expect(await look()).toEqual({ behindMs: 0 })
    clock.advance(HOUR)
    expect(await look()).toEqual({ behindMs: 0 })
    clock.advance(-HOUR)
    expect(await look()).toEqual({ behindMs: HOUR })
    clock.advance(HOUR)
    expect(await look()).toEqual({ behindMs: 0 })
  })
})
