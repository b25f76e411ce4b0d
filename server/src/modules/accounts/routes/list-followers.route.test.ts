import { expect, it } from 'vitest'
import { changeMember, insertMembers, relate } from '../../../testing/factories.ts'
import { sendAs, testClosedDoors } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { type Answer, forEachApp } from '../../../testing/start-test-app.ts'

const itemsOf = ({ body }: Answer) => body.items as Record<string, unknown>[]
const idsOf = (answer: Answer) => itemsOf(answer).map(({ id }) => id)

forEachApp('GET /users/{id}/followers', {}, (on) => {
  testClosedDoors(on, { method: 'GET', path: '/followers', scope: 'users:read', access: 'optional' })

  const list = (id: string, query = '', token?: string) =>
    on.app.send('GET', `/users/${id}/followers?${query}`, token === undefined ? {} : { token })
  const withFollowers = async (count: number, traits = {}) => {
    const owner = await insertSignedInMember(on.app, traits)
    const followers = await insertMembers(on.app, count)
    for (const follower of followers) {
      on.app.clock.advance(1)
      await relate(on.app, { follower, following: owner })
    }
    return { owner, followers, ids: followers.map(({ id }) => id).reverse() }
  }
  const walk = async (id: string, between: () => Promise<unknown> = async () => undefined) => {
    const ids: unknown[] = []
    let next: unknown
    do {
      const answer = await list(id, next ? `limit=3&cursor=${next}` : 'limit=3')
      expect(answer.status).toBe(200)
      ids.push(...idsOf(answer))
      next = answer.body.next_cursor
      await between()
    } while (next !== null)
    return ids
  }

  it.each(['limit=0', 'limit=101', 'limit=ten', 'skip=-1', 'cursor=', `cursor=${'x'.repeat(513)}`])(
    'refuses %s with 422',
    async (query) => {
      const { owner } = await withFollowers(0)
      expect((await list(owner.id, query)).status).toBe(422)
    },
  )

  it('refuses a cursor that was changed or made for another list with 400', async () => {
    const { owner } = await withFollowers(3)
    const other = await withFollowers(3)
    const cursor = String((await list(owner.id, 'limit=1')).body.next_cursor)
    const flipped = `${cursor.slice(0, -2)}${cursor.endsWith('A') ? 'B' : 'A'}${cursor.slice(-1)}`
    const tries = [
      ...['x', flipped, `${cursor}A`, cursor.slice(0, -1)].map((each) => list(owner.id, `cursor=${each}`)),
      list(other.owner.id, `cursor=${cursor}`),
      on.app.send('GET', `/users/${owner.id}/following?cursor=${cursor}`),
      on.app.send('GET', `/users?cursor=${cursor}`),
      on.app.send('GET', `/users/me/follow-requests?cursor=${cursor}`, { token: owner.accessToken }),
    ]
    for (const { status, body } of await Promise.all(tries)) {
      expect([status, body.code]).toEqual([400, 'accounts.cursor_invalid'])
    }
  })

  it('is for the owner, accepted followers and moderators when the profile is private', async () => {
    const { app } = on
    const { owner } = await withFollowers(1, { privacy_level: 'private' })
    const accepted = await insertSignedInMember(app)
    const asking = await insertSignedInMember(app)
    const stranger = await insertSignedInMember(app)
    const creator = await insertSignedInMember(app, { role: 'creator' })
    const moderator = await insertSignedInMember(app, { role: 'moderator' })
    await relate(app, { follower: accepted, following: owner })
    await relate(app, { follower: asking, following: owner, isAccepted: false })
    await relate(app, { follower: owner, following: stranger })
    for (const path of ['/followers', '/following']) {
      for (const token of [undefined, asking.accessToken, stranger.accessToken, creator.accessToken]) {
        const url = `/users/${owner.username}${path}`
        const { status, body } = await app.send('GET', url, token === undefined ? {} : { token })
        expect([status, body.code]).toEqual([404, 'accounts.user_not_found'])
      }
      for (const reader of [owner, accepted, moderator]) {
        expect((await sendAs(app, reader, ['GET', owner.id, path])).status).toBe(200)
      }
    }
    expect((await sendAs(app, stranger, ['GET', owner.id, ''])).status).toBe(200)
    await sendAs(app, accepted, ['DELETE', owner.id, '/follow'])
    expect((await sendAs(app, accepted, ['GET', owner.id, '/followers'])).status).toBe(404)
  })

  it('closes with the profile, the moment it turns private', async () => {
    const { owner } = await withFollowers(2)
    expect((await list(owner.id)).body.total).toBe(2)
    await changeMember(on.app, owner.id, { privacy_level: 'private' })
    expect((await list(owner.id)).status).toBe(404)
  })

  it('answers accepted followers in pages, newest follow first, and no private field', async () => {
    const { owner, followers, ids } = await withFollowers(5)
    const [early] = followers
    const asking = await insertSignedInMember(on.app)
    await relate(on.app, { follower: asking, following: owner, isAccepted: false })
    await relate(on.app, { follower: owner, following: asking })
    const answer = await list(owner.username, 'limit=2&skip=1')
    expect(Object.keys(answer.body).sort()).toEqual(['items', 'limit', 'next_cursor', 'skip', 'total'])
    expect(answer.body).toMatchObject({ total: 5, skip: 1, limit: 2 })
    expect(idsOf(answer)).toEqual(ids.slice(1, 3))
    expect(answer.text).not.toContain('@example.test')
    expect(answer.text).not.toContain('follow_id')
    expect(await walk(owner.id)).toEqual(ids)
    expect((await list(owner.id, 'skip=5')).body).toMatchObject({ items: [], total: 5, next_cursor: null })
    const full = await list(owner.id, 'limit=5')
    expect(full.body.next_cursor).toBeNull()
    expect(itemsOf(full).at(-1)?.id).toBe(early?.id)
  })

  it('walks every follower once by cursor while others come and go', async () => {
    const { owner, ids, followers } = await withFollowers(11)
    const walked = await walk(owner.id, async () => {
      on.app.clock.advance(3)
      const [late] = await insertMembers(on.app, 1)
      if (late) await relate(on.app, { follower: late, following: owner })
    })
    expect(walked).toEqual(ids)
    const cursor = (await list(owner.id, 'limit=4')).body.next_cursor
    await changeMember(on.app, followers[10]?.id ?? '', { status: 'banned' })
    expect((await list(owner.id, `cursor=${cursor}&limit=100`)).status).toBe(200)
  })

  it('walks followers of one moment, accepted ones by when they were', async () => {
    const { app } = on
    const owner = await insertSignedInMember(app, { privacy_level: 'private' })
    const first = await insertSignedInMember(app)
    const asked = await sendAs(app, first, ['POST', owner.id, '/follow'])
    app.clock.advance(10)
    const many = await insertMembers(app, 7)
    for (const follower of many) await relate(app, { follower, following: owner })
    app.clock.advance(10)
    await sendAs(app, owner, ['POST', 'me', `/follow-requests/${asked.body.id}/accept`])
    await changeMember(app, owner.id, { privacy_level: 'public' })
    const walked = await walk(owner.id)
    expect(walked[0]).toBe(first.id)
    expect(walked.slice(1).sort()).toEqual(many.map(({ id }) => id).sort())
  })

  it('leaves out members who are not active, from the total too', async () => {
    const { owner, ids, followers } = await withFollowers(4)
    const [banned, suspended] = followers
    await changeMember(on.app, banned?.id ?? '', { status: 'banned' })
    await changeMember(on.app, suspended?.id ?? '', { status: 'suspended' })
    const moderator = await insertSignedInMember(on.app, { role: 'moderator' })
    for (const token of [undefined, owner.accessToken, moderator.accessToken]) {
      const answer = await list(owner.id, '', token)
      expect(idsOf(answer)).toEqual(ids.slice(0, 2))
      expect(answer.body.total).toBe(2)
    }
  })

  it('leaves out members between whom and the viewer is a block, from the total and cursors too', async () => {
    const { app } = on
    const { owner, ids, followers } = await withFollowers(5)
    const [blocking, blocked] = followers
    const viewer = await insertSignedInMember(app)
    if (!blocking || !blocked) throw new Error('No members were made.')
    await relate(app, { blocker: blocking, blocked: viewer })
    await relate(app, { blocker: viewer, blocked })
    const seen = ids.slice(0, 3)
    const answer = await list(owner.id, '', viewer.accessToken)
    expect(idsOf(answer)).toEqual(seen)
    expect(answer.body.total).toBe(3)
    const first = await list(owner.id, 'limit=1', viewer.accessToken)
    const rest = await list(owner.id, `limit=9&cursor=${first.body.next_cursor}`, viewer.accessToken)
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(seen)
    expect((await list(owner.id)).body.total).toBe(5)
    expect((await list(owner.id, '', owner.accessToken)).body.total).toBe(5)
  })

  it('carries the flags of the viewer on every row', async () => {
    const { app } = on
    const { owner, followers } = await withFollowers(2)
    const viewer = await insertSignedInMember(app)
    const [friend] = followers
    if (!friend) throw new Error('No members were made.')
    await relate(app, { follower: viewer, following: friend })
    await relate(app, { follower: viewer, following: owner })
    const rows = itemsOf(await list(owner.id, '', viewer.accessToken))
    expect(rows.map(({ id, is_following }) => [id, is_following])).toEqual([
      [viewer.id, false],
      [followers[1]?.id, false],
      [friend.id, true],
    ])
  })
})
