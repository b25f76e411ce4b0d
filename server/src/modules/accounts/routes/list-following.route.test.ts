import { expect, it } from 'vitest'
import { changeMember, insertMembers, relate } from '../../../testing/factories.ts'
import { sendAs, testClosedDoors } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { type Answer, forEachApp } from '../../../testing/start-test-app.ts'

const idsOf = ({ body }: Answer) => (body.items as { id: string }[]).map(({ id }) => id)

forEachApp('GET /users/{id}/following', {}, (on) => {
  testClosedDoors(on, { method: 'GET', path: '/following', scope: 'users:read', access: 'optional' })

  const list = (id: string, query = '', token?: string) =>
    on.app.send('GET', `/users/${id}/following?${query}`, token === undefined ? {} : { token })
  const withFollowed = async (count: number) => {
    const owner = await insertSignedInMember(on.app)
    const followed = await insertMembers(on.app, count)
    for (const following of followed) {
      on.app.clock.advance(1)
      await relate(on.app, { follower: owner, following })
    }
    return { owner, followed, ids: followed.map(({ id }) => id).reverse() }
  }

  it('refuses bad paging with 422 and a bad cursor with 400', async () => {
    const { owner } = await withFollowed(2)
    expect((await list(owner.id, 'limit=0')).status).toBe(422)
    expect((await list(owner.id, 'cursor=x')).body.code).toBe('accounts.cursor_invalid')
    const { next_cursor } = (await list(owner.id, 'limit=1')).body
    expect((await on.app.send('GET', `/users/${owner.id}/followers?cursor=${next_cursor}`)).status).toBe(400)
  })

  it('answers whom the member follows, newest follow first, and not who follows them or was only asked', async () => {
    const { owner, ids } = await withFollowed(4)
    const [asked, follower] = await insertMembers(on.app, 2)
    if (!asked || !follower) throw new Error('No members were made.')
    await relate(on.app, { follower: owner, following: asked, isAccepted: false })
    await relate(on.app, { follower, following: owner })
    for (const token of [undefined, owner.accessToken]) {
      const answer = await list(owner.username, '', token)
      expect(idsOf(answer)).toEqual(ids)
      expect(answer.body).toMatchObject({ total: 4, skip: 0, limit: 20, next_cursor: null })
      expect(answer.text).not.toContain('@example.test')
    }
    const first = await list(owner.id, 'limit=3')
    const second = await list(owner.id, `limit=3&cursor=${first.body.next_cursor}`)
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids)
    expect(second.body).toEqual({ items: second.body.items, limit: 3, next_cursor: null })
  })

  it('leaves out who is not active and who is blocked either way, from the total too', async () => {
    const { app } = on
    const { owner, followed, ids } = await withFollowed(5)
    const viewer = await insertSignedInMember(app)
    const [banned, blocking, blocked] = followed
    if (!banned || !blocking || !blocked) throw new Error('No members were made.')
    await changeMember(app, banned.id, { status: 'banned' })
    await relate(app, { blocker: blocking, blocked: viewer })
    await relate(app, { blocker: viewer, blocked })
    const answer = await list(owner.id, '', viewer.accessToken)
    expect(idsOf(answer)).toEqual(ids.slice(0, 2))
    expect(answer.body.total).toBe(2)
    expect((await list(owner.id)).body.total).toBe(4)
  })

  it('is not for a moderator’s eyes less, although the moderator is blocked', async () => {
    const { app } = on
    const { owner, ids } = await withFollowed(2)
    const moderator = await insertSignedInMember(app, { role: 'moderator' })
    await relate(app, { blocker: owner, blocked: moderator })
    expect(idsOf(await sendAs(app, moderator, ['GET', owner.id, '/following']))).toEqual(ids)
  })
})
