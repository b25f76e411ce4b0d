import { expect, it } from 'vitest'
import { edgesBetween, sendAs, testClosedDoors } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

forEachApp('DELETE /users/{id}/block', {}, (on) => {
  testClosedDoors(on, { method: 'DELETE', path: '/block', scope: 'social:write', access: 'signed-in' })

  it('refuses oneself', async () => {
    const anna = await insertSignedInMember(on.app)
    const { status, body } = await sendAs(on.app, anna, ['DELETE', anna.id, '/block'])
    expect([status, body.code]).toEqual([400, 'accounts.not_yourself'])
  })

  it('takes the caller’s own block away and no other, also when there is none', async () => {
    const { app } = on
    const anna = await insertSignedInMember(app)
    const ben = await insertSignedInMember(app)
    const carla = await insertSignedInMember(app)
    await sendAs(app, anna, ['POST', ben.id, '/block'])
    await sendAs(app, anna, ['POST', carla.id, '/block'])
    await sendAs(app, carla, ['POST', ben.id, '/block'])
    expect((await sendAs(app, ben, ['DELETE', anna.id, '/block'])).status).toBe(200)
    expect(await countStored(app, 'blocks', `blocked_id = '${ben.id}'`)).toBe(2)
    for (const name of [ben.id, ben.username]) {
      const { status, body } = await sendAs(app, anna, ['DELETE', name, '/block'])
      expect(status).toBe(200)
      expect(body).toEqual({ success: true, message: expect.any(String), data: null })
    }
    expect(await countStored(app, 'blocks', `blocker_id = '${anna.id}'`)).toBe(1)
    expect(await countStored(app, 'blocks', `blocker_id = '${carla.id}'`)).toBe(1)
  })

  it('brings no follow back, and lets a new one come', async () => {
    const { app } = on
    const anna = await insertSignedInMember(app)
    const ben = await insertSignedInMember(app)
    await sendAs(app, ben, ['POST', anna.id, '/follow'])
    await sendAs(app, anna, ['POST', ben.id, '/block'])
    await sendAs(app, anna, ['DELETE', ben.id, '/block'])
    expect(await edgesBetween(app, anna, ben)).toEqual([])
    expect((await sendAs(app, ben, ['POST', anna.id, '/follow'])).status).toBe(200)
  })
})
