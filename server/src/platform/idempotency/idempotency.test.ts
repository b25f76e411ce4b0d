import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { forEachDatabase } from '../../testing/for-each-database.ts'
import { testKeys } from '../../testing/test-keys.ts'
import { createSealer } from '../crypto/sealed.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql, type Db, defineTable, insertRow, openDatabase, uuid } from '../db/index.ts'
import { HOUR, MINUTE } from '../durations.ts'
import { jobs as jobsTable } from '../jobs/job.table.ts'
import { createJobs } from '../jobs/jobs.ts'
import { idempotencyAnswers, idempotencyClaims } from './idempotency.table.ts'
import { cleanIdempotency, createIdempotency } from './idempotency.ts'

const effects = defineTable(
  'effects',
  { id: uuid().primaryKey(), member_id: uuid() },
  { access: { kind: 'private', owner: 'member_id' } },
)
const sql = createSql(effects, idempotencyClaims, idempotencyAnswers)
const insertEffect = insertRow(sql, effects)
const allEffects = sql.read(() => sql.from('effects').selectAll())
const allClaims = sql.read(() => sql.from('idempotency_claims').selectAll())
const allAnswers = sql.read(() => sql.from('idempotency_answers').selectAll())
const deleteClaims = sql.write(() => sql.builder.deleteFrom('idempotency_claims'))
const deleteEffects = sql.write(() => sql.builder.deleteFrom('effects'))

const claim = { scope: 'member-1 POST /things', key: 'key-1', request: 'POST /things {"secret":"canary-78"}' }
const answer = { status: 201, contentType: 'application/json', body: '{"token":"canary-77"}' }
const sealer = createSealer(testKeys())
const digestKeys = testKeys()

const tables = [jobsTable, idempotencyClaims, idempotencyAnswers, effects]

forEachDatabase('idempotency', { tables }, (on) => {
  const clock = fixedClock()
  const newId = createUuidv7(clock)
  let other: Db
  beforeAll(() => {
    other = openDatabase(on.location, { detectOutsideWaits: true })
  })
  afterAll(() => other.close())
  beforeEach(async () => {
    await on.db.withSystem(async (tx) => {
      await deleteClaims.run(tx, {})
      await deleteEffects.run(tx, {})
    })
  })
  const node = (db: Db, keys = digestKeys) =>
    createIdempotency({ db, clock, newId, sealer, digestKeys: keys })
  const system = () => on.db.asSystem()

  it('lets one of 50 equal requests on two nodes run, and gives all the same answer afterwards', async () => {
    const nodes = [node(on.db), node(other)] as const
    const begun = await Promise.all(
      Array.from({ length: 50 }, (_, i) => nodes[i % 2 === 0 ? 0 : 1].begin(claim)),
    )
    const started = begun.flatMap((each) => (each.outcome === 'started' ? [each.token] : []))
    expect(started).toHaveLength(1)
    expect(begun.filter(({ outcome }) => outcome === 'in-flight')).toHaveLength(49)
    await nodes[0].finish(started[0] ?? '', answer)
    for (const store of nodes) expect(await store.begin(claim)).toEqual({ outcome: 'replay', answer })
  })

  it('refuses the key for another request, running or done', async () => {
    const store = node(on.db)
    const begun = await store.begin(claim)
    const another = { ...claim, request: `${claim.request} ` }
    expect(await store.begin(another)).toEqual({ outcome: 'mismatch' })
    await store.finish(begun.outcome === 'started' ? begun.token : '', answer)
    expect(await store.begin(another)).toEqual({ outcome: 'mismatch' })
  })

  it('tells nothing of a request to who can read the table: its digest needs the key', async () => {
    await node(on.db).begin(claim)
    const [stored] = await allClaims.all(system(), {})
    const plain = createHash('sha256').update(claim.request).digest('hex')
    expect(stored?.request_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(stored?.request_hash).not.toBe(plain)
    expect(await node(other, testKeys()).begin(claim)).toEqual({ outcome: 'mismatch' })
  })

  it('knows a request again after the key of digests was replaced', async () => {
    await node(on.db).begin(claim)
    const next = testKeys()
    const both = { ...next, byId: new Map([['old', digestKeys.current], ...next.byId]) }
    expect(await node(other, both).begin(claim)).toEqual({ outcome: 'in-flight' })
  })

  it('keeps keys of other owners and routes apart', async () => {
    const store = node(on.db)
    const others = [
      claim,
      { ...claim, scope: 'member-2 POST /things' },
      { ...claim, scope: 'member-1 POST /other' },
      { ...claim, key: 'key-2' },
    ]
    for (const each of others) expect((await store.begin(each)).outcome).toBe('started')
  })

  it('lets a request be done again when its process died, once its lease is over', async () => {
    const store = node(on.db)
    await store.begin(claim)
    clock.advance(2 * MINUTE - 1)
    expect((await store.begin(claim)).outcome).toBe('in-flight')
    clock.advance(1)
    const again = await Promise.all([store.begin(claim), node(other).begin(claim)])
    expect(again.map(({ outcome }) => outcome).sort()).toEqual(['in-flight', 'started'])
  })

  it("stores the answer with the effect, in a member's transaction, both or neither", async () => {
    const store = node(on.db)
    const member = newId()
    const begun = await store.begin(claim)
    const token = begun.outcome === 'started' ? begun.token : ''
    const run = (fail: boolean) =>
      on.db.withMember(member, async (tx) => {
        await insertEffect(tx, { id: newId(), member_id: member })
        await store.complete(tx, token, answer)
        if (fail) throw new Error('no')
      })
    await expect(run(true)).rejects.toThrow('no')
    expect(await allAnswers.all(system(), {})).toEqual([])
    await run(false)
    expect(await allEffects.all(system(), {})).toHaveLength(1)
    await store.finish(token, { ...answer, status: 500 })
    expect(await store.begin(claim)).toEqual({ outcome: 'replay', answer })
  })

  it('has one effect when a request was taken over while its first run was only slow', async () => {
    const store = node(on.db)
    const member = newId()
    await store.begin(claim)
    clock.advance(2 * MINUTE)
    const second = await store.begin(claim)
    const token = second.outcome === 'started' ? second.token : ''
    const run = (db: Db) =>
      db.withMember(member, async (tx) => {
        await insertEffect(tx, { id: newId(), member_id: member })
        await store.complete(tx, token, answer)
      })
    const ends = await Promise.allSettled([run(on.db), run(other)])
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(ends.find((end) => end.status === 'rejected')?.reason).toMatchObject({
      code: 'http.idempotency_in_flight',
    })
    expect(await allEffects.all(system(), {})).toHaveLength(1)
  })

  it('makes room for the same request when it is released, unless it has an answer', async () => {
    const store = node(on.db)
    const first = await store.begin(claim)
    await store.release(first.outcome === 'started' ? first.token : '')
    const second = await store.begin(claim)
    const token = second.outcome === 'started' ? second.token : ''
    expect(token).not.toBe('')
    await store.finish(token, answer)
    await store.release(token)
    expect(await store.begin(claim)).toEqual({ outcome: 'replay', answer })
  })

  it('keeps answers sealed', async () => {
    const store = node(on.db)
    const begun = await store.begin(claim)
    await store.finish(begun.outcome === 'started' ? begun.token : '', answer)
    const [row] = await allAnswers.all(system(), {})
    expect(Buffer.from(row?.answer ?? []).toString('latin1')).not.toContain('canary')
  })

  it('forgets after 24 hours, not before, and cleans up', async () => {
    const store = node(on.db)
    const log = { warn: () => undefined, error: () => undefined }
    const jobs = createJobs({ db: on.db, clock, newId, sealer, log })
    cleanIdempotency(jobs, { db: on.db, clock })
    const begun = await store.begin(claim)
    await store.finish(begun.outcome === 'started' ? begun.token : '', answer)
    clock.advance(24 * HOUR - 1)
    await jobs.settle()
    expect((await store.begin(claim)).outcome).toBe('replay')
    clock.advance(1)
    expect((await store.begin(claim)).outcome).toBe('started')
    clock.advance(25 * HOUR)
    await jobs.settle()
    expect(await allClaims.all(system(), {})).toEqual([])
    expect(await allAnswers.all(system(), {})).toEqual([])
  })
})
