import { expect, it } from 'vitest'
import { sendAs, testClosedDoors } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

forEachApp('DELETE /users/{id}/mute', {}, (on) => {
  testClosedDoors(on, { method: 'DELETE', path: '/mute', scope: 'social:write', access: 'signed-in' })

  it('refuses oneself', async () => {
    const anna = await insertSignedInMember(on.app)
    const { status, body } = await sendAs(on.app, anna, ['DELETE', anna.id, '/mute'])
    expect([status, body.code]).toEqual([400, 'accounts.not_yourself'])
  })

  it('takes the caller’s own mute away and no other, also when there is none', async () => {
    const { app } = on
    const anna = await insertSignedInMember(app)
    const ben = await insertSignedInMember(app)
    const carla = await insertSignedInMember(app)
    for (const muter of [anna, carla]) await sendAs(app, muter, ['POST', ben.id, '/mute'])
    await sendAs(app, anna, ['POST', carla.id, '/mute'])
    expect((await sendAs(app, ben, ['DELETE', anna.id, '/mute'])).status).toBe(200)
    expect(await countStored(app, 'mutes', `muted_id = '${ben.id}'`)).toBe(2)
    for (const name of [ben.id, ben.username]) {
      const { status, body } = await sendAs(app, anna, ['DELETE', name, '/mute'])
      expect(status).toBe(200)
      expect(body).toEqual({ success: true, message: expect.any(String), data: null })
    }
    expect(await countStored(app, 'mutes', `muter_id = '${anna.id}'`)).toBe(1)
    expect(await countStored(app, 'mutes', `muter_id = '${carla.id}'`)).toBe(1)
  })
})
