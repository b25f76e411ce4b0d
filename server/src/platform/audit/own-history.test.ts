import { expect, it } from 'vitest'
import { asOwner } from '../../testing/owner-queries.ts'
import { forEachApp, locationOf } from '../../testing/start-test-app.ts'
import { READ } from '../db/session.ts'
import type { AuditEntry } from './audit.ts'
import { countOwnHistory, listOwnHistory, ownHistoryStatements } from './own-history.ts'

const ME = '01890a5d-ac96-774b-bcce-b302099a8058'
const OTHER = '01890a5d-ac96-774b-bcce-b302099a8059'
const of = { type: 'user', id: ME, actions: ['a.shown', 'credential.stored'] }

const entry = (more: Partial<AuditEntry>): AuditEntry => ({ action: 'a.shown', result: 'ok', ...more })
const aboutMe = { objectType: 'user', objectId: ME } as const
const onKey = { objectType: 'credential', objectId: OTHER } as const
const onSession = { objectType: 'session', objectId: OTHER } as const

forEachApp('the own history', {}, (on) => {
  /** Says of a statement how the engine carries it out for whoever asks, once it has seen what is there. */
  const planOf = (statement: (typeof ownHistoryStatements)['page' | 'total']) => {
    const { target } = on.app.app.platform.db.asSystem()[READ]
    const explain = target.dialect === 'sqlite' ? 'explain query plan' : 'explain (generic_plan)'
    return asOwner(locationOf(on.app), async (query) => {
      await query('analyze audit_events')
      return JSON.stringify(await query(`${explain} ${statement.sqlFor(target)}`))
    })
  }
  const record = async (...entries: AuditEntry[]) => {
    const { db, audit } = on.app.app.platform
    await db.withSystem((tx) => audit.recordDecided(tx, async () => entries))
  }
  const numbered = (entries: readonly AuditEntry[]) =>
    entries.map((each, i) => ({ ...each, requestId: `r-${i}` }))
  const read = async (page: Parameters<typeof listOwnHistory>[2]) => {
    const rows = await listOwnHistory(on.app.app.platform.db.asSystem(), of, page)
    return rows.map(({ request_id }) => request_id)
  }

  it('is what happened to one and what one did to what is theirs, and nothing else', async () => {
    await record(
      ...numbered([
        entry(aboutMe),
        entry({ ...aboutMe, actorId: ME }),
        entry({ ...aboutMe, actorId: ME, result: 'refused' }),
        entry({ ...aboutMe, actorId: OTHER }),
        entry({ ...aboutMe, actorId: OTHER, result: 'refused' }),
        entry({ ...aboutMe, action: 'a.hidden' }),
        entry({ objectType: 'user', objectId: OTHER, actorId: ME }),
        entry({ objectType: 'session', objectId: ME }),
        entry({ ...onSession, actorId: ME }),
        entry({ objectType: 'passkey', objectId: OTHER, actorId: ME, result: 'failed' }),
        entry({ ...onSession, actorId: ME, action: 'a.hidden' }),
        entry({ ...onSession, actorId: OTHER }),
        entry({ ...onKey, actorId: ME }),
        entry({ actorId: ME }),
        entry({ ...onKey, actorId: ME, action: 'credential.stored' }),
        entry({ ...onKey, actorId: OTHER, action: 'credential.stored' }),
        entry({ ...aboutMe, actorId: ME, action: 'credential.stored', result: 'refused' }),
      ]),
    )
    expect(await read({ skip: 0, limit: 100 })).toEqual([
      'r-16',
      'r-14',
      'r-9',
      'r-8',
      'r-3',
      'r-2',
      'r-1',
      'r-0',
    ])
    expect(await read({ skip: 1, limit: 2 })).toEqual(['r-14', 'r-9'])
    expect(await read({ before: 4, skip: 0, limit: 2 })).toEqual(['r-2', 'r-1'])
    const system = on.app.app.platform.db.asSystem()
    const counts = await Promise.all([4, 8, 100].map((most) => countOwnHistory(system, of, most)))
    expect(counts).toEqual([4, 8, 8])
  })

  it('is found by its indexes among the many uses of a busy actor, each in the order of the log', async () => {
    const busy = entry({ action: 'a.used', actorId: ME, objectType: 'credential', objectId: OTHER })
    const uses = Array.from({ length: 1_000 }, () => busy)
    await record(entry({ ...aboutMe, requestId: 'first' }), entry({ ...onSession, actorId: ME }))
    for (let i = 0; i < 10; i++) {
      const others = Array.from({ length: 100 }, () => on.app.app.platform.newId())
      const theirs = others.map((id) => entry({ objectType: 'user', objectId: id, actorId: id }))
      await record(...uses, ...theirs)
    }
    for (const statement of Object.values(ownHistoryStatements)) {
      const plan = await planOf(statement)
      expect(plan.match(/idx_audit_events_of_owners/g)).toHaveLength(1)
      expect(plan.match(/idx_audit_events_object_type_object_id_seq/g)).toHaveLength(1)
      expect(plan).not.toMatch(/Seq Scan|Bitmap|SCAN audit_events/)
    }
    expect(await read({ skip: 0, limit: 2 })).toEqual([null, 'first'])
  })
})
