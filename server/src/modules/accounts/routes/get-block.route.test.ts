import { expect, it } from 'vitest'
import { sendAs, testClosedDoors } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('GET /users/{id}/block', {}, (on) => {
  testClosedDoors(on, { method: 'GET', path: '/block', scope: 'users:read', access: 'signed-in' })

  it('tells the caller’s own block and never that of the other', async () => {
    const { app } = on
    const anna = await insertSignedInMember(app)
    const ben = await insertSignedInMember(app)
    const stateOf = async (viewer: typeof anna, name: string) => {
      const { status, body } = await sendAs(app, viewer, ['GET', name, '/block'])
      expect(status).toBe(200)
      return body
    }
    expect(await stateOf(anna, ben.id)).toEqual({ is_blocked: false })
    await sendAs(app, anna, ['POST', ben.id, '/block'])
    expect(await stateOf(anna, ben.id)).toEqual({ is_blocked: true })
    expect(await stateOf(anna, ben.username)).toEqual({ is_blocked: true })
    expect(await stateOf(ben, anna.id)).toEqual({ is_blocked: false })
    expect(await stateOf(ben, ben.id)).toEqual({ is_blocked: false })
    await sendAs(app, anna, ['DELETE', ben.id, '/block'])
    expect(await stateOf(anna, ben.id)).toEqual({ is_blocked: false })
  })
})
