import { expect, it } from 'vitest'
import { sendAs, testClosedDoors } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('GET /users/{id}/mute', {}, (on) => {
  testClosedDoors(on, { method: 'GET', path: '/mute', scope: 'users:read', access: 'signed-in' })

  it('tells the caller’s own mute and never that of the other', async () => {
    const { app } = on
    const anna = await insertSignedInMember(app)
    const ben = await insertSignedInMember(app)
    const stateOf = async (viewer: typeof anna, name: string) => {
      const { status, body } = await sendAs(app, viewer, ['GET', name, '/mute'])
      expect(status).toBe(200)
      return body
    }
    expect(await stateOf(anna, ben.id)).toEqual({ is_muted: false })
    await sendAs(app, anna, ['POST', ben.id, '/mute'])
    expect(await stateOf(anna, ben.id)).toEqual({ is_muted: true })
    expect(await stateOf(anna, ben.username)).toEqual({ is_muted: true })
    expect(await stateOf(ben, anna.id)).toEqual({ is_muted: false })
    expect(await stateOf(ben, ben.id)).toEqual({ is_muted: false })
    await sendAs(app, anna, ['DELETE', ben.id, '/mute'])
    expect(await stateOf(anna, ben.id)).toEqual({ is_muted: false })
  })
})
