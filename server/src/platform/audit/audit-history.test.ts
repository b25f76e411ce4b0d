import { expect, it } from 'vitest'
import { forEachApp } from '../../testing/start-test-app.ts'
import { countHistory, listHistory } from './audit-history.ts'

const NOWHERE = '01890a5d-ac96-774b-bcce-b302099a8058'
const ELSEWHERE = '01890a5d-ac96-774b-bcce-b302099a8059'

forEachApp('how long a history is', {}, (on) => {
  it('is counted no further than asked for', async () => {
    const { db, audit } = on.app.app.platform
    const entry = { action: 'a.b', result: 'ok', objectType: 'credential', objectId: NOWHERE } as const
    await db.withSystem((tx) => audit.recordDecided(tx, async () => Array(12).fill(entry)))
    const of = { type: 'credential', id: NOWHERE, without: 'a.c' }
    const counts = await Promise.all([5, 12, 100].map((most) => countHistory(db.asSystem(), of, most)))
    expect(counts).toEqual([5, 12, 12])
    expect(await countHistory(db.asSystem(), { ...of, without: 'a.b' }, 5)).toBe(0)
  })
})

forEachApp('a history', {}, (on) => {
  it('is read behind an entry as behind a number of them, and without what is another’s or only ends others', async () => {
    const { db, audit } = on.app.app.platform
    const of = { type: 'credential', id: NOWHERE, without: 'a.end' }
    const entry = { action: 'a.b', result: 'ok', objectType: 'credential', objectId: NOWHERE } as const
    const others = [
      { ...entry, action: 'a.end' },
      { ...entry, objectId: ELSEWHERE },
      { ...entry, objectType: 'user' },
    ]
    const entries = ['r-0', 'r-1', 'r-2', 'r-3'].flatMap((requestId) => [{ ...entry, requestId }, ...others])
    await db.withSystem((tx) => audit.recordDecided(tx, async () => entries))
    const read = (page: Parameters<typeof listHistory>[2]) => listHistory(db.asSystem(), of, page)
    const all = await read({ skip: 0, limit: 100 })
    expect(all.map(({ request_id }) => request_id)).toEqual(['r-3', 'r-2', 'r-1', 'r-0'])
    expect(await read({ skip: 2, limit: 1 })).toEqual(all.slice(2, 3))
    for (const [i, { seq }] of all.entries()) {
      expect(await read({ before: seq, skip: 0, limit: 2 })).toEqual(all.slice(i + 1, i + 3))
      expect(await read({ before: seq, skip: 1, limit: 2 })).toEqual(all.slice(i + 2, i + 4))
    }
  })
})
