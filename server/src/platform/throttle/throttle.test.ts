import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { testKeys } from '../../testing/test-keys.ts'
import { createSealer } from '../crypto/sealed.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql, type Db, openDatabase } from '../db/index.ts'
import { DAY, MINUTE, SECOND } from '../durations.ts'
import { jobs as jobsTable } from '../jobs/job.table.ts'
import { createJobs } from '../jobs/jobs.ts'
import { createSharedRateLimits } from './shared-rate-limits.ts'
import { rateWindows, throttleCounters } from './throttle.table.ts'
import { cleanThrottle, createThrottle, type Throttle } from './throttle.ts'
import { PASSWORD_POLICY, PENDING_SIGN_IN_POLICY, SECOND_FACTOR_POLICY } from './throttle-policy.ts'

const digestKeys = testKeys()
const sql = createSql(throttleCounters, rateWindows)
const allCounters = sql.read(() => sql.from('throttle_counters').selectAll())
const allWindows = sql.read(() => sql.from('rate_windows').selectAll())
const deleteCounters = sql.write(() => sql.builder.deleteFrom('throttle_counters'))
const deleteWindows = sql.write(() => sql.builder.deleteFrom('rate_windows'))

forEachDatabase('the throttle', { tables: [jobsTable, throttleCounters, rateWindows] }, (on) => {
  const clock = fixedClock()
  let other: Db
  let throttles: readonly [Throttle, Throttle]
  beforeAll(() => {
    other = openDatabase(on.location, { detectOutsideWaits: true })
    const node = (db: Db) => createThrottle({ db, clock, digestKeys })
    throttles = [node(on.db), node(other)]
  })
  afterAll(() => other.close())
  beforeEach(async () => {
    await on.db.withSystem(async (tx) => {
      await deleteCounters.run(tx, {})
      await deleteWindows.run(tx, {})
    })
  })
  const take = (subject: string) => throttles[0].take(PASSWORD_POLICY, subject)
  const clear = (subject: string) =>
    on.db.withSystem((tx) => throttles[0].clear(tx, PASSWORD_POLICY, subject))
  const failTimes = async (subject: string, times: number) => {
    for (let i = 0; i < times; i++) {
      const stands = await throttles[0].standing(PASSWORD_POLICY, subject)
      if (stands.kind === 'waiting') clock.set(stands.until)
      expect(await take(subject)).toBe(true)
    }
  }

  it('lets exactly five of 200 parallel attempts on two nodes through', async () => {
    const attempts = Array.from({ length: 200 }, (_, i) =>
      throttles[i % 2 === 0 ? 0 : 1].take(PASSWORD_POLICY, 'ada'),
    )
    expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(5)
    expect(await allCounters.all(on.db.asSystem(), {})).toMatchObject([{ consecutive: 5 }])
  })

  it('refuses until the delay is over and does not count what it refuses', async () => {
    await failTimes('ada', 5)
    clock.advance(SECOND - 1)
    expect([await take('ada'), await take('ada')]).toEqual([false, false])
    clock.advance(1)
    expect(await take('ada')).toBe(true)
    expect(await throttles[1].standing(PASSWORD_POLICY, 'ada')).toEqual({
      kind: 'waiting',
      until: new Date(clock.now().getTime() + 2 * SECOND),
    })
  })

  it('locks for 15 minutes after ten failures, also for a name that nobody has, and nobody else', async () => {
    await failTimes('no such member', 10)
    clock.advance(15 * MINUTE - 1)
    expect(await take('no such member')).toBe(false)
    expect(await take('ada')).toBe(true)
    clock.advance(1)
    expect(await take('no such member')).toBe(true)
  })

  it('is disabled by 100 consecutive failures until it is reset', async () => {
    await failTimes('ada', 100)
    clock.advance(365 * DAY)
    expect(await take('ada')).toBe(false)
    expect(await throttles[1].standing(PASSWORD_POLICY, 'ada')).toEqual({ kind: 'disabled' })
    await on.db.withSystem((tx) => throttles[0].reset(tx, PASSWORD_POLICY, 'ada'))
    expect(await take('ada')).toBe(true)
  })

  it('forgets the consecutive failures with a success that commits, not with one that rolls back', async () => {
    await failTimes('ada', 8)
    clock.advance(30 * SECOND)
    expect(await take('ada')).toBe(true)
    const failing = on.db.withSystem(async (tx) => {
      await throttles[0].clear(tx, PASSWORD_POLICY, 'ada')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await take('ada')).toBe(false)
    await clear('ada')
    expect(await throttles[0].standing(PASSWORD_POLICY, 'ada')).toEqual({ kind: 'open' })
    expect(await allCounters.all(on.db.asSystem(), {})).toMatchObject([{ consecutive: 0 }])
  })

  const attempt = (node: 0 | 1, outcome: string | undefined, looked: string[] = []) => {
    const db = node === 0 ? on.db : other
    const look = async () => {
      looked.push(outcome ?? 'wrong')
      return outcome
    }
    return db.withSystem((tx) =>
      throttles[node].attempt(tx, { policy: PASSWORD_POLICY, subject: 'ada', look }),
    )
  }

  it('looks at exactly five of 100 parallel attempts on two nodes that are counted with their outcome', async () => {
    const looked: string[] = []
    const attempts = Array.from({ length: 100 }, (_, i) => attempt(i % 2 === 0 ? 0 : 1, undefined, looked))
    const ended = await Promise.all(attempts)
    expect(ended.filter(({ isAllowed }) => isAllowed)).toHaveLength(5)
    expect(looked).toHaveLength(5)
    expect(await allCounters.all(on.db.asSystem(), {})).toMatchObject([{ consecutive: 5 }])
  })

  it('takes an attempt that succeeds for no failure, and ends the run with it', async () => {
    for (let i = 0; i < 50; i++) expect(await attempt(0, 'right')).toMatchObject({ success: 'right' })
    for (let i = 0; i < 4; i++) {
      expect(await attempt(0, undefined)).toEqual({
        success: undefined,
        isAllowed: true,
        standing: { kind: 'open' },
      })
    }
    expect(await attempt(0, 'right')).toMatchObject({ success: 'right', standing: { kind: 'open' } })
    expect(await allCounters.all(on.db.asSystem(), {})).toMatchObject([{ consecutive: 0 }])
    expect((await allCounters.all(on.db.asSystem(), {}))[0]?.recent).toHaveLength(4)
  })

  it('does not look at an attempt that is refused, right or wrong', async () => {
    await failTimes('ada', 5)
    const looked: string[] = []
    const refused = await Promise.all([attempt(0, 'right', looked), attempt(1, undefined, looked)])
    expect(refused).toMatchObject([{ success: undefined, isAllowed: false }, { isAllowed: false }])
    expect(looked).toEqual([])
    expect(await allCounters.all(on.db.asSystem(), {})).toMatchObject([{ consecutive: 5 }])
  })

  it('counts nothing of an attempt whose outcome nobody was told', async () => {
    const look = () => Promise.reject(new Error('no'))
    const broken = on.db.withSystem((tx) =>
      throttles[0].attempt(tx, { policy: PASSWORD_POLICY, subject: 'ada', look }),
    )
    await expect(broken).rejects.toThrow('no')
    expect(await allCounters.all(on.db.asSystem(), {})).toEqual([])
  })

  it('never locks out somebody who is right every time', async () => {
    for (let i = 0; i < 50; i++) {
      expect(await take('ada')).toBe(true)
      await clear('ada')
    }
  })

  it('keeps policies apart and shares one policy between factors', async () => {
    await failTimes('ada', 10)
    for (let i = 0; i < 10; i++) expect(await throttles[0].take(SECOND_FACTOR_POLICY, 'ada')).toBe(true)
    expect(await throttles[0].take(SECOND_FACTOR_POLICY, 'ada')).toBe(false)
    for (let i = 0; i < 5; i++) expect(await throttles[0].take(PENDING_SIGN_IN_POLICY, 'flow')).toBe(true)
    expect(await throttles[0].take(PENDING_SIGN_IN_POLICY, 'flow')).toBe(false)
  })

  it('stores whom it counts as a digest that needs the key', async () => {
    await take('ada@example.test')
    const [row] = await allCounters.all(on.db.asSystem(), {})
    expect(Buffer.from(row?.subject ?? []).toString('latin1')).not.toContain('ada')
    const elsewhere = createThrottle({ db: on.db, clock, digestKeys: testKeys() })
    await elsewhere.take(PASSWORD_POLICY, 'ada@example.test')
    expect(await allCounters.all(on.db.asSystem(), {})).toHaveLength(2)
  })

  describe('cleaning', () => {
    it('forgets idle counters and ended windows, and nothing that is disabled', async () => {
      const log = { warn: () => undefined, error: () => undefined }
      const jobs = createJobs({
        db: on.db,
        clock,
        newId: createUuidv7(clock),
        sealer: createSealer(testKeys()),
        log,
      })
      const policies = [PASSWORD_POLICY, PENDING_SIGN_IN_POLICY]
      cleanThrottle(jobs, { db: on.db, clock, policies })
      await failTimes('disabled', 100)
      await failTimes('idle', 3)
      for (let i = 0; i < 5; i++) await throttles[0].take(PENDING_SIGN_IN_POLICY, 'flow')
      await createSharedRateLimits({ db: on.db, clock, digestKeys }).take('k', { max: 1, windowMs: MINUTE })
      clock.advance(2 * DAY)
      await jobs.settle()
      expect(await allCounters.all(on.db.asSystem(), {})).toHaveLength(2)
      expect(await allWindows.all(on.db.asSystem(), {})).toEqual([])
      clock.advance(90 * DAY)
      await jobs.settle()
      expect(await allCounters.all(on.db.asSystem(), {})).toMatchObject([{ consecutive: 100 }])
      expect(await take('disabled')).toBe(false)
    })
  })

  describe('shared rate limits', () => {
    const rule = { max: 20, windowMs: MINUTE }

    it('let exactly the limit of 200 parallel requests on two nodes through', async () => {
      const node = (db: Db) => createSharedRateLimits({ db, clock, digestKeys })
      const nodes = [node(on.db), node(other)] as const
      const states = await Promise.all(
        Array.from({ length: 200 }, (_, i) => nodes[i % 2 === 0 ? 0 : 1].take('203.0.113.7', rule)),
      )
      expect(states.filter(({ allowed }) => allowed)).toHaveLength(20)
      expect(states.filter(({ allowed }) => allowed).map(({ remaining }) => remaining)).toContain(0)
    })

    it('start a new window when the last one is over, and tell how long that takes', async () => {
      const limits = createSharedRateLimits({ db: on.db, clock, digestKeys })
      const narrow = { max: 1, windowMs: MINUTE }
      expect(await limits.take('a', narrow)).toEqual({ allowed: true, remaining: 0, resetMs: MINUTE })
      clock.advance(MINUTE - 1)
      expect(await limits.take('a', narrow)).toEqual({ allowed: false, remaining: 0, resetMs: 1 })
      expect((await limits.take('b', narrow)).allowed).toBe(true)
      clock.advance(1)
      expect((await limits.take('a', narrow)).allowed).toBe(true)
    })
  })
})
