import { Type } from 'typebox'
import { afterEach, expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { testKeys } from '../../testing/test-keys.ts'
import { createSealer } from '../crypto/sealed.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql } from '../db/index.ts'
import { createEvents, defineEvent } from './events.ts'
import { jobs as jobsTable } from './job.table.ts'
import { InvalidPayloadError } from './job-kind.ts'
import { createJobs } from './jobs.ts'

const thingMade = defineEvent('test.thing_made', Type.Object({ thing_id: Type.String() }))
const sql = createSql(jobsTable)
const deleteAll = sql.write(() => sql.builder.deleteFrom('jobs'))
const sealer = createSealer(testKeys())

forEachDatabase('events', { tables: [jobsTable] }, (on) => {
  const clock = fixedClock()
  afterEach(() => on.db.withSystem((tx) => deleteAll.run(tx, {})))
  const setUp = () => {
    const log = { warn: () => undefined, error: () => undefined }
    const jobs = createJobs({ db: on.db, clock, sealer, log, newId: createUuidv7(clock) })
    return { jobs, events: createEvents(jobs) }
  }

  it('reach every listener once, in jobs of the same commit', async () => {
    const { jobs, events } = setUp()
    const seen: string[] = []
    for (const name of ['a.listens', 'b.listens']) {
      events.on(thingMade, { name, run: async (run) => void seen.push(`${name} ${run.payload.thing_id}`) })
    }
    await on.db.transaction((tx) => events.emit(tx, thingMade({ thing_id: 'x' })))
    expect(await jobs.counts()).toMatchObject([
      { kind: 'test.thing_made > a.listens', due: 1 },
      { kind: 'test.thing_made > b.listens', due: 1 },
    ])
    await jobs.settle()
    expect(seen.sort()).toEqual(['a.listens x', 'b.listens x'])
  })

  it('reach nobody when the transaction rolls back', async () => {
    const { jobs, events } = setUp()
    const seen: string[] = []
    events.on(thingMade, { name: 'a.listens', run: async (run) => void seen.push(run.payload.thing_id) })
    const failing = on.db.transaction(async (tx) => {
      await events.emit(tx, thingMade({ thing_id: 'x' }))
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await jobs.settle()).toBe(0)
    expect(seen).toEqual([])
  })

  it('are not held up by a listener that fails', async () => {
    const { jobs, events } = setUp()
    const seen: string[] = []
    events.on(thingMade, { name: 'a.fails', run: () => Promise.reject(new Error('broken')) })
    events.on(thingMade, { name: 'b.listens', run: async (run) => void seen.push(run.payload.thing_id) })
    await on.db.transaction((tx) => events.emit(tx, thingMade({ thing_id: 'x' })))
    await jobs.settle()
    expect(seen).toEqual(['x'])
    expect(await jobs.counts()).toMatchObject([{ kind: 'test.thing_made > a.fails', waiting: 1 }])
  })

  it('are refused with a payload that is not as declared', () => {
    const wrong: { thing_id: string } = JSON.parse('{"thing_id": 5}')
    expect(() => thingMade(wrong)).toThrow(InvalidPayloadError)
  })

  it('do not take two listeners of one name', () => {
    const { events } = setUp()
    const listener = { name: 'a.listens', run: async () => undefined }
    events.on(thingMade, listener)
    expect(() => events.on(thingMade, listener)).toThrow('two handlers')
  })
})
