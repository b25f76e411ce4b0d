import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseLocation } from '../../../database-location.ts'
import { createAudit } from '../../../platform/audit/audit.ts'
import { type Db, openDatabase } from '../../../platform/db/index.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import { type Owned, type VaultSetting, vaultSetting } from '../../../testing/vault-setting.ts'
import { findStoredKey, noteUse, type StoredKey } from './stored-key.store.ts'
import { createUseNotes, type UseNotes } from './use-notes.ts'

describe.each(['sqlite', 'postgres'] as const)('what uses have shown on %s', (dialect) => {
  let on: VaultSetting
  let db: Db
  let notes: UseNotes
  /** What whoever tells the owner of a key waits for, within the transaction. */
  const held = new Map<string, Promise<void>>()
  beforeAll(async () => {
    on = await vaultSetting(dialect)
    // Note: without the watch for outside waits, since these transactions wait on purpose.
    db = openDatabase(databaseLocation(on.app.config))
    const { clock, log, newId, jobs: real } = on.app.app.platform
    const jobs: Pick<Jobs, 'enqueue'> = {
      async enqueue(tx, request) {
        for (const [id, released] of held) if (JSON.stringify(request).includes(id)) await released
        return real.enqueue(tx, request)
      },
    }
    notes = createUseNotes({ db, audit: createAudit({ clock, newId }), jobs, clock, log })
  })
  afterAll(async () => {
    await db.close()
    await on[Symbol.asyncDispose]()
  })
  const stored = async ({ id, owner }: Owned): Promise<StoredKey> => {
    const key = await findStoredKey(db.asSystem(), { id, user_id: owner })
    if (!key) throw new Error('There is no such key.')
    return key
  }
  /** Has the telling of this key's owner wait from now on; gives what ends that. */
  const hold = ({ id }: Owned) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    held.set(id, promise)
    return resolve
  }

  it('is all written when that is waited for, each key as it was last seen', async () => {
    const [one, two] = [await on.store({ rejections: 2 }), await on.store()]
    const [a, b] = [await stored(one), await stored(two)]
    const release = hold(one)
    notes.note(a, 'ok')
    const first = notes.flush()
    notes.note(a, 'rejected')
    notes.note(b, 'rejected')
    notes.note(b, 'ok')
    const order: string[] = []
    const flushed = Promise.all([first, notes.flush()]).then(() => order.push('flushed'))
    order.push('released')
    release()
    await flushed
    expect(order).toEqual(['released', 'flushed'])
    expect(await on.row(one)).toMatchObject({ rejections: 1, last_validation: 'rejected' })
    expect((await on.row(two)).rejections).toBe(1)
    notes.note(await stored(two), 'ok')
    await notes.flush()
    expect(await on.row(two)).toMatchObject({ rejections: 0, last_validation: 'ok' })
  })

  it('keeps no more of one key than switches it off for sure', async () => {
    const key = await on.store()
    const found = await stored(key)
    const release = hold(key)
    for (let time = 0; time < 1_000; time++) notes.note(found, 'rejected')
    release()
    await notes.flush()
    const row = await on.row(key)
    expect(row.is_active).toBe(false)
    expect(row.rejections).toBeGreaterThanOrEqual(3)
    expect(row.rejections).toBeLessThan(20)
  })

  if (dialect === 'sqlite') return // it has one writer, for which all wait

  it('of one key waits for no other one’s', async () => {
    const [slow, bad] = [await on.store(), await on.store({ rejections: 2 })]
    const [a, b] = [await stored(slow), await stored(bad)]
    const release = hold(slow)
    notes.note(a, 'ok')
    const flushed = notes.flush()
    notes.note(b, 'rejected')
    await expect.poll(async () => (await on.row(bad)).is_active, { timeout: 5_000 }).toBe(false)
    expect((await on.row(slow)).last_validation).toBeNull()
    release()
    await flushed
    expect((await on.row(slow)).last_validation).toBe('ok')
  })

  it('is not lost over a row that somebody else holds', async () => {
    const [busy, free] = [await on.store(), await on.store()]
    const [taken, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const key = await stored(busy)
    const holding = db.withSystem(async (tx) => {
      await noteUse(tx, key, { rejections: 0 })
      taken.resolve()
      await released.promise
    })
    await taken.promise
    notes.note(key, 'ok')
    notes.note(await stored(free), 'ok')
    await notes.flush()
    expect((await on.row(free)).last_validation).toBe('ok')
    released.resolve()
    await holding
  })
})
