import { expect, it } from 'vitest'
import { asOwner } from '../../testing/owner-queries.ts'
import { forEachApp, locationOf } from '../../testing/start-test-app.ts'
import { READ } from '../db/session.ts'
import type { AuditEntry } from './audit.ts'
import { findNewestPair, lastPairEnd } from './pair-history.ts'

const KEY = '01890a5d-ac96-774b-bcce-b302099a8058'
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8059'

const of = (objectId: string) => ({ objectType: 'credential', objectId, result: 'ok' }) as const
const rotated = (key_version: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...of(KEY),
  action: 'credential.rotated',
  details: { key_version },
  ...more,
})

forEachApp('the newest pair of a credential', {}, (on) => {
  const record = async (...entries: AuditEntry[]) => {
    const { db, audit } = on.app.app.platform
    await db.withSystem((tx) => audit.recordDecided(tx, async () => entries))
  }
  const newest = (id: string) => findNewestPair(on.app.app.platform.db.asSystem(), id)

  it('is the first, then that of its last rotation, and none after its deletion', async () => {
    expect(await newest(KEY)).toBe(1)
    await record(rotated(2), rotated(3), rotated(9, of(OTHER)))
    await record(rotated(4, { result: 'failed' }), { ...of(KEY), action: 'credential.used' })
    expect([await newest(KEY), await newest(OTHER)]).toEqual([3, 9])
    await record({ ...of(KEY), action: 'credential.deleted', result: 'refused' })
    expect(await newest(KEY)).toBe(3)
    await record({ ...of(KEY), action: 'credential.deleted' })
    expect([await newest(KEY), await newest(OTHER)]).toEqual([undefined, 9])
  })

  it('is found by its index among the many uses of a key', async () => {
    const uses = Array.from({ length: 2_000 }, () => ({ ...of(KEY), action: 'credential.used' }))
    const refused = { action: 'credential.deleted', result: 'refused' } as const
    await record(...uses, ...uses.map((entry) => ({ ...entry, ...refused })))
    const { target } = on.app.app.platform.db.asSystem()[READ]
    const explain = target.dialect === 'sqlite' ? 'explain query plan' : 'explain (generic_plan)'
    const plan = await asOwner(locationOf(on.app), async (query) => {
      await query('analyze audit_events')
      return JSON.stringify(await query(`${explain} ${lastPairEnd.sqlFor(target)}`))
    })
    expect(plan).toContain('idx_audit_events_of_pairs')
    expect(plan).not.toMatch(/Seq Scan|Bitmap|SCAN audit_events|Sort|TEMP B-TREE|result/)
  })
})
