import { expect, it } from 'vitest'
import { changeMember, createPersonalToken } from '../../../testing/factories.ts'
import { countersOf, edgesBetween, sendAs, wrongCounters } from '../../../testing/relations.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('POST /users/me/follow-requests/{id}/accept', {}, (on) => {
  const accept = (id: string, token?: string) =>
    on.app.send('POST', `/users/me/follow-requests/${id}/accept`, token === undefined ? {} : { token })
  const makeRequest = async () => {
    const anna = await insertSignedInMember(on.app)
    const ben = await insertSignedInMember(on.app, { privacy_level: 'private' })
    const { body } = await sendAs(on.app, anna, ['POST', ben.id, '/follow'])
    return { anna, ben, id: String(body.id) }
  }
  const expectWaiting = async (anna: ActingMember, ben: ActingMember) => {
    expect(await edgesBetween(on.app, anna, ben)).toEqual([[anna.id, false]])
    expect(await countersOf(on.app, ben)).toEqual([0, 0])
  }

  it('refuses strangers to the service and tokens without its scope', async () => {
    const { anna, ben, id } = await makeRequest()
    expect((await accept(id)).status).toBe(401)
    expect((await accept(id, 'nonsense')).status).toBe(401)
    const { token } = await createPersonalToken(on.app, ben, { scopes: ['users:read', 'account:write'] })
    expect((await accept(id, token)).body.code).toBe('http.insufficient_scope')
    await expectWaiting(anna, ben)
  })

  it('answers the same 404 for ids that are missing, malformed, or for somebody else to answer', async () => {
    const { anna, ben, id } = await makeRequest()
    const carla = await insertSignedInMember(on.app)
    const tries = [
      [carla, id],
      [anna, id],
      [ben, anna.id],
      [ben, '01890a5d-ac96-774b-bcce-b302099a8057'],
      [ben, 'x'],
    ] as const
    const bodies = new Set<string>()
    for (const [actor, each] of tries) {
      const { status, body } = await accept(each, actor.accessToken)
      expect([status, body.code]).toEqual([404, 'accounts.follow_request_not_found'])
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
    await expectWaiting(anna, ben)
  })

  it('refuses a requester whose account is closed, until it is open again', async () => {
    const { anna, ben, id } = await makeRequest()
    await changeMember(on.app, anna.id, { status: 'suspended' })
    expect((await accept(id, ben.accessToken)).status).toBe(404)
    await expectWaiting(anna, ben)
    await changeMember(on.app, anna.id, { status: 'active' })
    expect((await accept(id, ben.accessToken)).status).toBe(200)
  })

  it('accepts once, from now on, and counts it on both', async () => {
    const { anna, ben, id } = await makeRequest()
    on.app.clock.advance(5_000)
    const { status, body } = await accept(id, ben.accessToken)
    expect(status).toBe(200)
    const now = on.app.clock.now().toISOString()
    expect(body).toEqual({
      id,
      created_at: now,
      updated_at: now,
      follower_id: anna.id,
      following_id: ben.id,
      is_accepted: true,
      is_mutual: false,
    })
    expect(await edgesBetween(on.app, anna, ben)).toEqual([[anna.id, true]])
    expect(await countersOf(on.app, ben)).toEqual([1, 0])
    expect(await countersOf(on.app, anna)).toEqual([0, 1])
    expect((await accept(id, ben.accessToken)).status).toBe(404)
    expect(await wrongCounters(on.app)).toEqual([])
    expect((await sendAs(on.app, anna, ['GET', ben.id, ''])).body.is_following).toBe(true)
    expect((await sendAs(on.app, anna, ['GET', ben.id, '/followers'])).body.total).toBe(1)
  })

  it('says when both follow each other now', async () => {
    const { anna, ben, id } = await makeRequest()
    await sendAs(on.app, ben, ['POST', anna.id, '/follow'])
    expect((await accept(id, ben.accessToken)).body.is_mutual).toBe(true)
  })
})
