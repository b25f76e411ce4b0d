import { expect, it } from 'vitest'
import { changeMember } from '../../../testing/factories.ts'
import {
  countersOf,
  edgesBetween,
  sendAs,
  testClosedDoors,
  wrongCounters,
} from '../../../testing/relations.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('DELETE /users/{id}/follow', {}, (on) => {
  testClosedDoors(on, { method: 'DELETE', path: '/follow', scope: 'social:write', access: 'signed-in' })

  const follow = (actor: ActingMember, id: string) => sendAs(on.app, actor, ['POST', id, '/follow'])
  const unfollow = (actor: ActingMember, id: string) => sendAs(on.app, actor, ['DELETE', id, '/follow'])
  const makePair = async (traits = {}) => ({
    anna: await insertSignedInMember(on.app),
    ben: await insertSignedInMember(on.app, traits),
  })

  it('answers 404 where there is neither an edge nor a request, whatever the other way round is', async () => {
    const { anna, ben } = await makePair()
    await follow(ben, anna.id)
    for (const id of [ben.id, anna.id]) {
      const { status, body } = await unfollow(anna, id)
      expect([status, body.code]).toEqual([404, 'accounts.not_following'])
    }
    expect(await edgesBetween(on.app, anna, ben)).toEqual([[ben.id, true]])
    expect(await countersOf(on.app, anna)).toEqual([1, 0])
  })

  it('ends a follow and no other, and takes it out of both counters', async () => {
    const { anna, ben } = await makePair()
    const carla = await insertSignedInMember(on.app)
    await follow(anna, ben.id)
    await follow(carla, ben.id)
    await follow(anna, carla.id)
    const { status, body } = await unfollow(anna, ben.username)
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: expect.any(String), data: null })
    expect(await edgesBetween(on.app, anna, ben)).toEqual([])
    expect(await countersOf(on.app, ben)).toEqual([1, 0])
    expect(await countersOf(on.app, anna)).toEqual([0, 1])
    expect((await unfollow(anna, ben.id)).status).toBe(404)
    expect(await wrongCounters(on.app)).toEqual([])
  })

  it('takes a request back without touching the counters', async () => {
    const { anna, ben } = await makePair({ privacy_level: 'private' })
    await follow(anna, ben.id)
    expect((await unfollow(anna, ben.id)).status).toBe(200)
    expect(await edgesBetween(on.app, anna, ben)).toEqual([])
    expect(await countersOf(on.app, ben)).toEqual([0, 0])
    expect((await follow(anna, ben.id)).status).toBe(200)
  })

  it('leaves the follow as it is while the other member is hidden', async () => {
    const { anna, ben } = await makePair()
    await follow(anna, ben.id)
    await changeMember(on.app, ben.id, { status: 'suspended' })
    expect((await unfollow(anna, ben.id)).body.code).toBe('accounts.user_not_found')
    await changeMember(on.app, ben.id, { status: 'active' })
    expect((await unfollow(anna, ben.id)).status).toBe(200)
    expect(await wrongCounters(on.app)).toEqual([])
  })
})
