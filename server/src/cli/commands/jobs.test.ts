import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { createApp } from '../../app.ts'
import { loadConfig } from '../../config/config.ts'
import { systemClock } from '../../platform/clock.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { defineJob } from '../../platform/jobs/job-kind.ts'
import { createLogger } from '../../platform/log/logger.ts'
import { prepareInstance } from '../../prepare-instance.ts'
import { type CommandInstance, commandInstance } from '../../testing/run-command.ts'

const doomed = defineJob('test.doomed', {
  payload: Type.Object({}),
  retry: { baseMs: 1, capMs: 1, maxAttempts: 1, giveUpAfterMs: 60_000 },
})

/** Does the work that is due, with a handler that fails or not; says how often it was called. */
async function work(
  instance: CommandInstance,
  { fails, isNew }: { fails: boolean; isNew: boolean },
): Promise<number> {
  const config = loadConfig(instance.env)
  await using app = await createApp(config, await prepareInstance(config, systemClock), {
    log: createLogger({ level: 'silent' }),
  })
  const { db, jobs } = app.platform
  let calls = 0
  jobs.handle(doomed, async () => {
    calls++
    if (fails) throw new Error('no luck')
  })
  if (isNew) await db.withSystem((tx) => jobs.enqueue(tx, { kind: doomed, payload: {} }))
  await jobs.settle()
  return calls
}

describe.each<Dialect>(['sqlite', 'postgres'])('outcry jobs on %s', (dialect) => {
  it('lists what was given up and gives it another go', async () => {
    const instance = await commandInstance(dialect)
    expect(await instance.run(['jobs', 'dead'])).toEqual({ code: 0, out: 'No work was given up.', err: '' })
    expect(await work(instance, { fails: true, isNew: true })).toBe(1)
    expect(await work(instance, { fails: true, isNew: false })).toBe(0)
    const { out } = await instance.run(['jobs', 'dead'])
    expect(out).toMatch(/^[0-9a-f-]{36} {2}test\.doomed {2}\S+Z {2}1 attempts {2}.*$/)
    const id = out.slice(0, 36)
    expect((await instance.run(['jobs', 'retry', id])).code).toBe(0)
    expect((await instance.run(['jobs', 'dead'])).out).toBe('No work was given up.')
    expect(await work(instance, { fails: false, isNew: false })).toBe(1)
  })

  it('says so when there is nothing to retry', async () => {
    const instance = await commandInstance(dialect)
    const unknown = '01890a5d-ac96-774b-bcce-b302099a8057'
    const { code, err } = await instance.run(['jobs', 'retry', unknown])
    expect([code, err]).toEqual([1, expect.stringContaining(`No work with the id ${unknown} was given up`)])
  })
})
