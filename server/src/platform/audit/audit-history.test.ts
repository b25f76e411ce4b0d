import { expect, it } from 'vitest'
import { forEachApp } from '../../testing/start-test-app.ts'
import { countHistory } from './audit-history.ts'

const NOWHERE = '01890a5d-ac96-774b-bcce-b302099a8058'

forEachApp('how long a history is', {}, (on) => {
  it('is counted no further than asked for', async () => {
    const { db, audit } = on.app.app.platform
    const entry = { action: 'a.b', result: 'ok', objectType: 'credential', objectId: NOWHERE } as const
    await db.withSystem((tx) => audit.recordAll(tx, Array(12).fill(entry)))
    const of = { type: 'credential', id: NOWHERE, without: 'a.c' }
    const counts = await Promise.all([5, 12, 100].map((most) => countHistory(db.asSystem(), of, most)))
    expect(counts).toEqual([5, 12, 12])
    expect(await countHistory(db.asSystem(), { ...of, without: 'a.b' }, 5)).toBe(0)
  })
})
