import { expect, it } from 'vitest'
import {
  countersOf,
  edgesBetween,
  sendAs,
  testClosedDoors,
  wrongCounters,
} from '../../../testing/relations.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

forEachApp('POST /users/{id}/block', {}, (on) => {
  testClosedDoors(on, { method: 'POST', path: '/block', scope: 'social:write', access: 'signed-in' })

  const send = (actor: ActingMember, ...[method, id, path]: [string, string, string]) =>
    sendAs(on.app, actor, [method, id, path])
  const makePair = async (traits = {}) => ({
    anna: await insertSignedInMember(on.app, traits),
    ben: await insertSignedInMember(on.app, traits),
  })

  it('refuses to block oneself', async () => {
    const { anna } = await makePair()
    const { status, body } = await send(anna, 'POST', anna.username, '/block')
    expect([status, body.code]).toEqual([400, 'accounts.not_yourself'])
    expect(await countStored(on.app, 'blocks', `blocker_id = '${anna.id}'`)).toBe(0)
  })

  it('blocks once, however often it is asked', async () => {
    const { anna, ben } = await makePair()
    for (const name of [ben.id, ben.username]) {
      const { status, body } = await send(anna, 'POST', name, '/block')
      expect(status).toBe(200)
      expect(body).toEqual({ success: true, message: expect.any(String), data: null })
    }
    expect(await countStored(on.app, 'blocks', `blocker_id = '${anna.id}'`)).toBe(1)
    expect(await countStored(on.app, 'blocks', `blocker_id = '${ben.id}'`)).toBe(0)
  })

  it('ends the follows of both with their counters, and nobody else’s', async () => {
    const { anna, ben } = await makePair()
    const carla = await insertSignedInMember(on.app)
    for (const [actor, other] of [
      [anna, ben],
      [ben, anna],
      [carla, ben],
      [anna, carla],
    ] as const) {
      expect((await send(actor, 'POST', other.id, '/follow')).status).toBe(200)
    }
    await send(anna, 'POST', ben.id, '/block')
    expect(await edgesBetween(on.app, anna, ben)).toEqual([])
    expect(await countersOf(on.app, anna)).toEqual([0, 1])
    expect(await countersOf(on.app, ben)).toEqual([1, 0])
    expect(await wrongCounters(on.app)).toEqual([])
    const { body } = await send(ben, 'GET', anna.id, '')
    expect(body).toMatchObject({ is_following: false, is_followed_by: false, is_blocked: false })
  })

  it('ends requests of both without touching the counters', async () => {
    const { anna, ben } = await makePair({ privacy_level: 'private' })
    await send(anna, 'POST', ben.id, '/follow')
    await send(ben, 'POST', anna.id, '/follow')
    const requests = await send(ben, 'GET', 'me', '/follow-requests')
    expect(requests.body.total).toBe(1)
    await send(anna, 'POST', ben.id, '/block')
    expect(await edgesBetween(on.app, anna, ben)).toEqual([])
    expect((await send(ben, 'GET', 'me', '/follow-requests')).body).toMatchObject({ total: 0, items: [] })
    expect(await wrongCounters(on.app)).toEqual([])
  })

  it('leaves the profile to the one who is blocked, and not the lists', async () => {
    const { anna, ben } = await makePair()
    await send(anna, 'POST', ben.id, '/block')
    for (const [viewer, other] of [
      [ben, anna],
      [anna, ben],
    ] as const) {
      expect((await send(viewer, 'GET', other.id, '')).status).toBe(200)
      for (const path of ['/followers', '/following']) {
        const { status, body } = await send(viewer, 'GET', other.id, path)
        expect([status, body.code]).toEqual([404, 'accounts.user_not_found'])
      }
    }
  })

  it('lets not even administrators block or mute who is deleted', async () => {
    const admin = await insertSignedInMember(on.app, { role: 'admin' })
    const gone = await insertSignedInMember(on.app, { status: 'inactive', deleted_at: on.app.clock.now() })
    for (const path of ['/block', '/mute']) {
      expect((await send(admin, 'POST', gone.id, path)).status).toBe(404)
    }
    expect(await countStored(on.app, 'blocks', `blocked_id = '${gone.id}'`)).toBe(0)
    expect(await countStored(on.app, 'mutes', `muted_id = '${gone.id}'`)).toBe(0)
  })

  it('lets both block each other, and each undo their own block only', async () => {
    const { anna, ben } = await makePair()
    await send(anna, 'POST', ben.id, '/block')
    await send(ben, 'POST', anna.id, '/block')
    await send(ben, 'DELETE', anna.id, '/block')
    expect((await send(anna, 'GET', ben.id, '/block')).body).toEqual({ is_blocked: true })
    expect((await send(ben, 'POST', anna.id, '/follow')).status).toBe(403)
  })
})
