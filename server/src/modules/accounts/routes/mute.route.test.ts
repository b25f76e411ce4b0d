import { expect, it } from 'vitest'
import { countersOf, edgesBetween, sendAs, testClosedDoors } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

forEachApp('POST /users/{id}/mute', {}, (on) => {
  testClosedDoors(on, { method: 'POST', path: '/mute', scope: 'social:write', access: 'signed-in' })

  it('refuses to mute oneself', async () => {
    const anna = await insertSignedInMember(on.app)
    const { status, body } = await sendAs(on.app, anna, ['POST', anna.id, '/mute'])
    expect([status, body.code]).toEqual([400, 'accounts.not_yourself'])
    expect(await countStored(on.app, 'mutes', `muter_id = '${anna.id}'`)).toBe(0)
  })

  it('mutes once, however often it is asked', async () => {
    const anna = await insertSignedInMember(on.app)
    const ben = await insertSignedInMember(on.app)
    for (const name of [ben.id, ben.username]) {
      const { status, body } = await sendAs(on.app, anna, ['POST', name, '/mute'])
      expect(status).toBe(200)
      expect(body).toEqual({ success: true, message: expect.any(String), data: null })
    }
    expect(await countStored(on.app, 'mutes', `muter_id = '${anna.id}'`)).toBe(1)
  })

  it('changes nothing that the other member can see, and no follow', async () => {
    const { app } = on
    const anna = await insertSignedInMember(app)
    const ben = await insertSignedInMember(app)
    await sendAs(app, anna, ['POST', ben.id, '/follow'])
    await sendAs(app, ben, ['POST', anna.id, '/follow'])
    const seenByBen = () =>
      Promise.all(
        [anna.id, anna.username, ben.id].map(async (id) => (await sendAs(app, ben, ['GET', id, ''])).body),
      )
    const before = await seenByBen()
    await sendAs(app, anna, ['POST', ben.id, '/mute'])
    expect(await seenByBen()).toEqual(before)
    expect(await edgesBetween(app, anna, ben)).toHaveLength(2)
    expect(await countersOf(app, anna)).toEqual([1, 1])
    expect((await sendAs(app, ben, ['GET', anna.id, '/mute'])).body).toEqual({ is_muted: false })
    expect((await sendAs(app, ben, ['GET', anna.id, '/followers'])).body.total).toBe(1)
  })
})
