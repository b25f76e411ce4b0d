import { expect, it } from 'vitest'
import type { Queryable } from '../../../platform/db/index.ts'
import { READ, type ReadSession } from '../../../platform/db/session.ts'
import { changeMember, insertMembers, relate } from '../../../testing/factories.ts'
import { asOwner } from '../../../testing/owner-queries.ts'
import { forEachApp, locationOf } from '../../../testing/start-test-app.ts'
import { followedBy, followersOf } from '../relations/follow-list.store.ts'
import { countUsers, listUsers, listUsersAfter } from './user-list.store.ts'
import { countFoundUsers, searchUsers, searchUsersAfter } from './user-search.store.ts'

const page = { skip: 0, limit: 20 }
const after = { createdAt: new Date(), id: '01890a5d-ac96-774b-bcce-b302099a8057', limit: 20 }

/** Reads as `db` does, and keeps the SQL. */
function listenIn(db: Queryable): { db: Queryable; statements: string[] } {
  const statements: string[] = []
  const session = db[READ]
  const listening: ReadSession = {
    target: session.target,
    all(statement, values) {
      statements.push(statement.sql)
      return session.all(statement, values)
    },
    first(statement, values) {
      statements.push(statement.sql)
      return session.first(statement, values)
    },
  }
  return { db: { [READ]: listening }, statements }
}

forEachApp('members without those whom a block stands between', {}, (on) => {
  const members = async () => {
    const [viewer, blocked, blocker, both, other] = await insertMembers(on.app, 5, {
      display_name: 'Blockplan',
    })
    if (!viewer || !blocked || !blocker || !both || !other) throw new Error('No members were made.')
    await relate(on.app, { blocker: viewer, blocked })
    await relate(on.app, { blocker, blocked: viewer })
    await relate(on.app, { blocker: viewer, blocked: both })
    await relate(on.app, { blocker: both, blocked: viewer })
    for (const following of [viewer, blocked, blocker, both]) {
      await relate(on.app, { follower: other, following })
      await relate(on.app, { follower: following, following: other })
    }
    return { viewer, blocked, blocker, both, other }
  }
  const explain = (statement: string) =>
    asOwner(locationOf(on.app), async (query) => {
      const how = on.dialect === 'sqlite' ? 'explain query plan' : 'explain (generic_plan)'
      return JSON.stringify(await query(`${how} ${statement}`))
    })

  it('are found by one look at the blocks, and not by one for each member', async () => {
    const { viewer, other } = await members()
    const { db, statements } = listenIn(on.app.app.platform.db.asSystem())
    const filter = { status: 'active', role: undefined, viewerId: viewer.id } as const
    const search = { text: 'blockplan', viewerId: viewer.id }
    const ofOther = { ownerId: other.id, viewerId: viewer.id }
    const [followers, followed] = [followersOf(db, ofOther), followedBy(db, ofOther)]
    await listUsers(db, filter, page)
    await listUsers(db, { ...filter, role: 'user' }, page)
    await listUsersAfter(db, filter, after)
    await searchUsers(db, search, page)
    await searchUsersAfter(db, search, after)
    for (const list of [followers, followed]) {
      await list.listFrom(page)
      await list.listAfter(after)
      await list.count()
    }
    const plans = await Promise.all(statements.splice(0).map(explain))
    expect(plans).toHaveLength(11)
    for (const plan of plans) {
      expect(plan).toMatch(/LIST SUBQUERY|hashed SubPlan/)
      expect(plan).not.toMatch(/CORRELATED|Anti Join/)
    }
    await countUsers(db, filter)
    await countUsers(db, { ...filter, role: 'user' })
    await countFoundUsers(db, search)
    const totals = await Promise.all(statements.map(explain))
    expect(totals).toHaveLength(3)
    for (const plan of totals) expect(plan).not.toMatch(/LIST SUBQUERY|hashed SubPlan|Anti Join/)
  })

  it('are counted once each, whatever is between them and whoever is not in the list anyway', async () => {
    const { viewer, blocked, blocker, other } = await members()
    await changeMember(on.app, blocked.id, { status: 'banned' })
    await changeMember(on.app, blocker.id, { role: 'creator' })
    const db = on.app.app.platform.db.asSystem()
    const totalOf = (viewerId?: string, role?: 'user' | 'creator') =>
      countUsers(db, { status: 'active', role, viewerId })
    const all = await totalOf()
    expect(await totalOf(viewer.id)).toBe(all - 2)
    expect(await totalOf(blocker.id)).toBe(all - 1)
    expect(await totalOf(other.id)).toBe(all)
    expect(await totalOf(viewer.id, 'creator')).toBe((await totalOf(other.id, 'creator')) - 1)
    expect(await totalOf(viewer.id, 'user')).toBe((await totalOf(other.id, 'user')) - 1)
    const listed = await listUsers(
      db,
      { status: 'active', role: undefined, viewerId: viewer.id },
      { skip: 0, limit: 100 },
    )
    expect(listed).toHaveLength(await totalOf(viewer.id))
  })
})
