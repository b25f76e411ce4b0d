import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { type DatabaseFixture, forEachDatabase } from '../../testing/for-each-database.ts'
import { testKeys } from '../../testing/test-keys.ts'
import { createSealer } from '../crypto/sealed.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql, type Db, openDatabase } from '../db/index.ts'
import { MINUTE } from '../durations.ts'
import { jobs as jobsTable } from './job.table.ts'
import { LeaseLostError } from './job-handlers.ts'
import { defineJob, InvalidPayloadError, PermanentJobError } from './job-kind.ts'
import { createJobs, type Jobs, type JobsOptions } from './jobs.ts'

const payload = Type.Object({ n: Type.Integer() })
const count = defineJob('test.count', { payload })
const fragile = defineJob('test.fragile', { payload, retry: { baseMs: 10_000, maxAttempts: 3 } })
const secret = defineJob('test.secret', {
  payload: Type.Object({ token: Type.String() }),
  sealedPayload: true,
})

const sealer = createSealer(testKeys())
const sql = createSql(jobsTable)
const allRows = sql.read(() => sql.from('jobs').selectAll().orderBy('id'))
const deleteAll = sql.write(() => sql.builder.deleteFrom('jobs'))

interface LogLine {
  readonly level: 'warn' | 'error'
  readonly text: string
}

function testNode(db: Db, options: Partial<JobsOptions> = {}) {
  const clock = options.clock ?? fixedClock()
  const lines: LogLine[] = []
  const write = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, text: `${message} ${JSON.stringify(fields)}` })
  }
  const log = { warn: write('warn'), error: write('error') }
  const jobs = createJobs({
    db,
    clock,
    sealer,
    log,
    newId: createUuidv7(clock),
    random: () => 0.5,
    ...options,
  })
  return { jobs, lines }
}

const enqueueOne = (db: Db, jobs: Jobs, n = 1) =>
  db.transaction((tx) => jobs.enqueue(tx, { kind: count, payload: { n } }))

const rows = (on: DatabaseFixture) => allRows.all(on.db.asSystem(), {})

forEachDatabase('jobs', { tables: [jobsTable] }, (on) => {
  const clock = fixedClock()
  let other: Db
  beforeEach(() => {
    other = openDatabase(on.location, { detectOutsideWaits: true })
  })
  afterEach(async () => {
    await other.close()
    await on.db.withSystem((tx) => deleteAll.run(tx, {}))
  })

  describe('a queued job', () => {
    it('runs once with its payload and leaves nothing behind', async () => {
      const { jobs } = testNode(on.db, { clock })
      const seen: unknown[] = []
      jobs.handle(count, async (run) => {
        seen.push([run.payload, run.attempt, run.idempotencyKey === run.id, run.queuedAt])
      })
      await enqueueOne(on.db, jobs, 7)
      expect(await jobs.settle()).toBe(1)
      expect(await jobs.settle()).toBe(0)
      expect(seen).toEqual([[{ n: 7 }, 1, true, clock.now()]])
      expect(await rows(on)).toEqual([])
    })

    it('is not there when the transaction that asked for it rolls back', async () => {
      const { jobs } = testNode(on.db, { clock })
      const seen: number[] = []
      jobs.handle(count, async (run) => void seen.push(run.payload.n))
      const failing = on.db.transaction(async (tx) => {
        await jobs.enqueue(tx, { kind: count, payload: { n: 1 } })
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect(await jobs.settle()).toBe(0)
      expect(seen).toEqual([])
    })

    it("can be added in a member's transaction", async () => {
      const { jobs } = testNode(on.db, { clock })
      const seen: number[] = []
      jobs.handle(count, async (run) => void seen.push(run.payload.n))
      const member = createUuidv7(clock)()
      await on.db.withMember(member, (tx) => jobs.enqueue(tx, { kind: count, payload: { n: 3 }, key: 'k' }))
      expect(await jobs.settle()).toBe(1)
      expect(seen).toEqual([3])
    })

    it('waits for its time', async () => {
      const { jobs } = testNode(on.db, { clock })
      const seen: number[] = []
      jobs.handle(count, async (run) => void seen.push(run.payload.n))
      const runAt = new Date(clock.now().getTime() + MINUTE)
      await on.db.transaction((tx) => jobs.enqueue(tx, { kind: count, payload: { n: 1 }, runAt }))
      clock.advance(MINUTE - 1)
      expect(await jobs.settle()).toBe(0)
      clock.advance(1)
      expect(await jobs.settle()).toBe(1)
      expect(seen).toEqual([1])
    })

    it('is added once per key until it is done', async () => {
      const { jobs } = testNode(on.db, { clock })
      jobs.handle(count, async () => undefined)
      const add = () =>
        on.db.transaction((tx) => jobs.enqueue(tx, { kind: count, payload: { n: 1 }, key: 'one' }))
      expect(await add()).toBeTypeOf('string')
      expect(await add()).toBeUndefined()
      expect(await jobs.settle()).toBe(1)
      expect(await add()).toBeTypeOf('string')
    })

    it('is refused when its payload is not as declared, before anything is stored', async () => {
      const { jobs } = testNode(on.db, { clock })
      const wrong = { n: 1.5 }
      const adding = on.db.transaction((tx) => jobs.enqueue(tx, { kind: count, payload: wrong }))
      await expect(adding).rejects.toThrow(InvalidPayloadError)
      expect(await rows(on)).toEqual([])
    })

    it('stays for a process that knows its kind', async () => {
      const { jobs } = testNode(on.db, { clock })
      jobs.handle(fragile, async () => undefined)
      await enqueueOne(on.db, jobs)
      expect(await jobs.settle()).toBe(0)
      expect(await jobs.counts()).toEqual([{ kind: count.name, waiting: 1, due: 1, running: 0, dead: 0 }])
    })

    it('drains what its handler adds', async () => {
      const { jobs } = testNode(on.db, { clock })
      const seen: number[] = []
      jobs.handle(count, async (run) => {
        const { n } = run.payload
        seen.push(n)
        if (n < 5) await enqueueOne(on.db, jobs, n + 1)
      })
      await enqueueOne(on.db, jobs)
      expect(await jobs.settle()).toBe(5)
      expect(seen).toEqual([1, 2, 3, 4, 5])
    })
  })

  describe('a failing job', () => {
    it('is tried again after its wait, then kept as a dead letter, then tried again by an operator', async () => {
      const { jobs, lines } = testNode(on.db, { clock })
      const attempts: number[] = []
      let isBroken = true
      jobs.handle(fragile, async (run) => {
        attempts.push(run.attempt)
        if (isBroken) throw new Error('mail to eve@example.test failed')
      })
      const id = await on.db.transaction((tx) => jobs.enqueue(tx, { kind: fragile, payload: { n: 1 } }))
      await jobs.settle()
      clock.advance(4_999)
      expect(await jobs.settle()).toBe(0)
      clock.advance(1)
      expect(await jobs.settle()).toBe(1)
      clock.advance(MINUTE)
      expect(await jobs.settle()).toBe(1)
      clock.advance(10 * MINUTE)
      expect(await jobs.settle()).toBe(0)
      expect(attempts).toEqual([1, 2, 3])
      const [dead, ...others] = await jobs.listDead()
      expect(others).toEqual([])
      expect(dead).toMatchObject({ id, kind: fragile.name, attempts: 3 })
      expect(dead?.last_error).toBe('Error: mail to [redacted] failed')
      expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'error'])
      expect(JSON.stringify(lines)).not.toContain('eve@')

      isBroken = false
      expect(await on.db.withSystem((tx) => jobs.retryDead(tx, id ?? ''))).toBe(true)
      expect(await on.db.withSystem((tx) => jobs.retryDead(tx, id ?? ''))).toBe(false)
      expect(await jobs.settle()).toBe(1)
      expect(attempts).toEqual([1, 2, 3, 1])
      expect(await rows(on)).toEqual([])
    })

    it('is a dead letter at once when trying again cannot help', async () => {
      const { jobs } = testNode(on.db, { clock })
      jobs.handle(count, () => Promise.reject(new PermanentJobError('never')))
      const id = await enqueueOne(on.db, jobs)
      expect(await jobs.settle()).toBe(1)
      expect((await jobs.listDead()).map((job) => job.id)).toEqual([id])
      expect(await jobs.discardDead(id ?? '')).toBe(true)
      expect(await rows(on)).toEqual([])
    })

    it('does not come back from the dead while a newer one has its key', async () => {
      const { jobs } = testNode(on.db, { clock })
      let isBroken = true
      jobs.handle(count, async () => {
        if (isBroken) throw new PermanentJobError('never')
      })
      const add = () =>
        on.db.transaction((tx) => jobs.enqueue(tx, { kind: count, payload: { n: 1 }, key: 'one' }))
      const dead = await add()
      await jobs.settle()
      isBroken = false
      await add()
      expect(await on.db.withSystem((tx) => jobs.retryDead(tx, dead ?? ''))).toBe(false)
      await jobs.settle()
      expect(await on.db.withSystem((tx) => jobs.retryDead(tx, dead ?? ''))).toBe(true)
    })
  })

  describe('two nodes', () => {
    it('run each of 60 jobs once between them', async () => {
      const seen: number[] = []
      const first = testNode(on.db, { clock })
      const second = testNode(other, { clock })
      for (const { jobs } of [first, second]) {
        jobs.handle(count, async (run) => void seen.push(run.payload.n))
      }
      const numbers = Array.from({ length: 60 }, (_, n) => n)
      await Promise.all(numbers.map((n) => enqueueOne(on.db, first.jobs, n)))
      const [one, two] = await Promise.all([first.jobs.settle(), second.jobs.settle()])
      expect(one + two).toBe(60)
      expect(seen.sort((a, b) => a - b)).toEqual(numbers)
    })

    it('never run a job at the same time while its lease holds, and the second takes over once it is lost', async () => {
      const first = testNode(on.db, { clock, leaseMs: MINUTE })
      const second = testNode(other, { clock, leaseMs: MINUTE })
      const gate = Promise.withResolvers<void>()
      const started = Promise.withResolvers<void>()
      const finished: string[] = []
      first.jobs.handle(count, async (run) => {
        started.resolve()
        await gate.promise
        await on.db.withSystem((tx) => run.complete(tx))
        finished.push('first')
      })
      second.jobs.handle(count, async (run) => {
        finished.push(`second, attempt ${run.attempt}`)
      })
      await enqueueOne(on.db, first.jobs)
      const hanging = first.jobs.settle()
      await started.promise
      clock.advance(MINUTE - 1)
      expect(await second.jobs.settle()).toBe(0)
      clock.advance(1)
      expect(await second.jobs.settle()).toBe(1)
      gate.resolve()
      await hanging
      expect(finished).toEqual(['second, attempt 2'])
      expect(first.lines.map(({ text }) => text).join()).toContain('was taken over')
      expect(await rows(on)).toEqual([])
    })

    it('respect a lease that is renewed, and abort a job that lost it', async () => {
      const first = testNode(on.db, { clock, leaseMs: MINUTE })
      const second = testNode(other, { clock, leaseMs: MINUTE })
      const gate = Promise.withResolvers<void>()
      const started = Promise.withResolvers<AbortSignal>()
      first.jobs.handle(count, async (run) => {
        started.resolve(run.signal)
        await gate.promise
      })
      second.jobs.handle(count, async () => undefined)
      await enqueueOne(on.db, first.jobs)
      const hanging = first.jobs.settle()
      const signal = await started.promise
      for (let i = 0; i < 3; i++) {
        clock.advance(MINUTE - 1)
        await first.jobs.renewLeases()
        expect(await second.jobs.settle()).toBe(0)
      }
      expect(signal.aborted).toBe(false)
      clock.advance(MINUTE)
      expect(await second.jobs.settle()).toBe(1)
      await first.jobs.renewLeases()
      expect(signal.aborted).toBe(true)
      gate.resolve()
      await hanging
    })

    it('bury a job that kills its worker at every attempt', async () => {
      const gate = Promise.withResolvers<void>()
      const hanging: Promise<unknown>[] = []
      for (let attempt = 1; attempt <= 3; attempt++) {
        const dying = testNode(on.db, { clock, leaseMs: MINUTE })
        const started = Promise.withResolvers<void>()
        dying.jobs.handle(fragile, async () => {
          started.resolve()
          await gate.promise
        })
        if (attempt === 1) {
          await on.db.transaction((tx) => dying.jobs.enqueue(tx, { kind: fragile, payload: { n: 1 } }))
        }
        hanging.push(dying.jobs.settle())
        await started.promise
        clock.advance(MINUTE)
      }
      const { jobs } = testNode(other, { clock })
      let ran = 0
      jobs.handle(fragile, async () => void ran++)
      await jobs.settle()
      expect(ran).toBe(0)
      expect(await jobs.listDead()).toHaveLength(1)
      gate.resolve()
      await Promise.all(hanging)
      expect(await jobs.listDead()).toHaveLength(1)
    })
  })

  describe('a job that completes in its own transaction', () => {
    it('is not ended by a transaction that rolls back, and is tried again', async () => {
      const { jobs } = testNode(on.db, { clock })
      jobs.handle(count, (run) =>
        on.db.withSystem(async (tx) => {
          await run.complete(tx)
          if (run.attempt === 1) throw new Error('late')
        }),
      )
      await enqueueOne(on.db, jobs)
      expect(await jobs.settle()).toBe(1)
      expect(await rows(on)).toHaveLength(1)
      clock.advance(MINUTE)
      expect(await jobs.settle()).toBe(1)
      expect(await rows(on)).toEqual([])
    })

    it('cannot complete twice', async () => {
      const { jobs } = testNode(on.db, { clock })
      const second = Promise.withResolvers<unknown>()
      jobs.handle(count, async (run) => {
        await on.db.withSystem((tx) => run.complete(tx))
        await on.db.withSystem((tx) => run.complete(tx)).catch(second.resolve)
      })
      await enqueueOne(on.db, jobs)
      await jobs.settle()
      expect(await second.promise).toBeInstanceOf(LeaseLostError)
    })
  })

  describe('a sealed payload', () => {
    it('is not in the table, arrives whole, and its failures are kept without words', async () => {
      const { jobs, lines } = testNode(on.db, { clock })
      const seen: string[] = []
      jobs.handle(secret, async (run) => {
        seen.push(run.payload.token)
        throw new TypeError(`cannot use ${run.payload.token}`)
      })
      await on.db.transaction((tx) => jobs.enqueue(tx, { kind: secret, payload: { token: 'canary-8f2c' } }))
      const stored = async () =>
        JSON.stringify(await rows(on)) +
        (await rows(on)).map((row) => Buffer.from(row.sealed_payload ?? []).toString('latin1')).join()
      expect(await stored()).not.toContain('canary')
      await jobs.settle()
      expect(seen).toEqual(['canary-8f2c'])
      expect((await rows(on))[0]?.last_error).toBe('TypeError')
      expect((await stored()) + JSON.stringify(lines)).not.toContain('canary')
    })

    it('does not open in another row', async () => {
      const { jobs } = testNode(on.db, { clock })
      const seen: string[] = []
      jobs.handle(secret, async (run) => void seen.push(run.payload.token))
      const add = (token: string) =>
        on.db.transaction((tx) => jobs.enqueue(tx, { kind: secret, payload: { token } }))
      const ids = [await add('a'), await add('b')]
      const [a] = await rows(on)
      const move = sql.write((p: { id: string; sealed: Uint8Array }) =>
        sql.builder.updateTable('jobs').set({ sealed_payload: p.sealed }).where('id', '=', p.id),
      )
      const sealed = a?.sealed_payload ?? new Uint8Array()
      await on.db.withSystem((tx) => move.run(tx, { id: ids[1] ?? '', sealed }))
      await jobs.settle()
      expect(seen).toEqual(['a'])
      expect((await rows(on)).map((row) => row.last_error)).toEqual(['SealIntegrityError'])
    })
  })

  describe('repeated work', () => {
    it('is done by one node each round, fails without end, and goes on', async () => {
      const nodes = [testNode(on.db, { clock }).jobs, testNode(other, { clock }).jobs] as const
      let rounds = 0
      for (const jobs of nodes) {
        jobs.repeat('test.tidy', 10 * MINUTE, async () => {
          rounds++
          if (rounds === 2) throw new PermanentJobError('this time')
        })
      }
      const settleAll = () => Promise.all(nodes.map((jobs) => jobs.settle()))
      for (let round = 1; round <= 4; round++) {
        await settleAll()
        expect(rounds).toBe(round)
        await settleAll()
        clock.advance(10 * MINUTE)
      }
      expect(await nodes[0].listDead()).toEqual([])
    })
  })

  describe('a started worker', () => {
    it('is woken by the commit, long before it would look', async () => {
      const { jobs } = testNode(on.db, { pollMs: 3_600_000 })
      const done = Promise.withResolvers<number>()
      jobs.handle(count, async (run) => done.resolve(run.payload.n))
      await jobs.start()
      await enqueueOne(on.db, jobs, 9)
      expect(await done.promise).toBe(9)
      await jobs.stop()
      expect(await rows(on)).toEqual([])
    })

    it('finds by looking what another node added', async () => {
      const { jobs } = testNode(on.db, { pollMs: 5 })
      const adding = testNode(other)
      const done = Promise.withResolvers<number>()
      jobs.handle(count, async (run) => done.resolve(run.payload.n))
      await jobs.start()
      await enqueueOne(other, adding.jobs, 4)
      expect(await done.promise).toBe(4)
      await jobs.stop()
    })

    it('runs no more at once than it may', async () => {
      const { jobs } = testNode(on.db, { pollMs: 5, concurrency: 3 })
      let running = 0
      let most = 0
      let left = 20
      const done = Promise.withResolvers<void>()
      jobs.handle(count, async () => {
        most = Math.max(most, ++running)
        await on.db.ping()
        running--
        if (--left === 0) done.resolve()
      })
      await Promise.all(Array.from({ length: 20 }, () => enqueueOne(on.db, jobs)))
      await jobs.start()
      await done.promise
      await jobs.stop()
      expect(most).toBe(3)
    })

    it('waits for what runs when it stops, and starts nothing more', async () => {
      const { jobs } = testNode(on.db, { pollMs: 5, concurrency: 1 })
      const gate = Promise.withResolvers<void>()
      const started = Promise.withResolvers<void>()
      let finished = 0
      jobs.handle(count, async () => {
        started.resolve()
        await gate.promise
        finished++
      })
      await jobs.start()
      await enqueueOne(on.db, jobs)
      await enqueueOne(on.db, jobs)
      await started.promise
      const stopping = jobs.stop()
      gate.resolve()
      await stopping
      expect(finished).toBe(1)
      expect(await rows(on)).toHaveLength(1)
    })

    it('aborts what does not end in time, and keeps it for later', async () => {
      const { jobs } = testNode(on.db, { pollMs: 5 })
      const started = Promise.withResolvers<void>()
      const aborted = Promise.withResolvers<void>()
      jobs.handle(count, async (run) => {
        started.resolve()
        await new Promise<void>((_, reject) =>
          run.signal.addEventListener('abort', () => reject(new Error('aborted'))),
        ).finally(aborted.resolve)
      })
      await jobs.start()
      await enqueueOne(on.db, jobs)
      await started.promise
      await jobs.stop(1)
      await aborted.promise
      expect(await rows(on)).toHaveLength(1)
    })
  })
})
