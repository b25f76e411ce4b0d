import { expect, it } from 'vitest'
import { createPersonalToken } from '../../../testing/factories.ts'
import { edgesBetween, sendAs, wrongCounters } from '../../../testing/relations.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('DELETE /users/me/follow-requests/{id}', {}, (on) => {
  const decline = (id: string, token?: string) =>
    on.app.send('DELETE', `/users/me/follow-requests/${id}`, token === undefined ? {} : { token })
  const makeRequest = async () => {
    const anna = await insertSignedInMember(on.app)
    const ben = await insertSignedInMember(on.app, { privacy_level: 'private' })
    const { body } = await sendAs(on.app, anna, ['POST', ben.id, '/follow'])
    return { anna, ben, id: String(body.id) }
  }

  it('refuses strangers to the service and tokens without its scope', async () => {
    const { anna, ben, id } = await makeRequest()
    expect((await decline(id)).status).toBe(401)
    expect((await decline(id, 'nonsense')).status).toBe(401)
    const { token } = await createPersonalToken(on.app, ben, { scopes: ['users:read', 'account:write'] })
    expect((await decline(id, token)).body.code).toBe('http.insufficient_scope')
    expect(await edgesBetween(on.app, anna, ben)).toEqual([[anna.id, false]])
  })

  it('answers the same 404 for ids that are missing, malformed, or for somebody else to answer', async () => {
    const { anna, ben, id } = await makeRequest()
    const carla = await insertSignedInMember(on.app)
    const tries = [
      [carla, id],
      [anna, id],
      [ben, anna.id],
      [ben, 'x'],
    ] as const
    const bodies = new Set<string>()
    for (const [actor, each] of tries) {
      const { status, body } = await decline(each, actor.accessToken)
      expect([status, body.code]).toEqual([404, 'accounts.follow_request_not_found'])
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
    expect(await edgesBetween(on.app, anna, ben)).toEqual([[anna.id, false]])
  })

  it('takes the request away, counts nothing, and lets the other ask again', async () => {
    const { anna, ben, id } = await makeRequest()
    const carla = await insertSignedInMember(on.app)
    await sendAs(on.app, carla, ['POST', ben.id, '/follow'])
    const { status, body } = await decline(id, ben.accessToken)
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: expect.any(String), data: null })
    expect(await edgesBetween(on.app, anna, ben)).toEqual([])
    expect(await edgesBetween(on.app, carla, ben)).toEqual([[carla.id, false]])
    expect((await decline(id, ben.accessToken)).status).toBe(404)
    expect((await sendAs(on.app, anna, ['POST', ben.id, '/follow'])).body.is_accepted).toBe(false)
    expect(await wrongCounters(on.app)).toEqual([])
  })

  it('does not end a follow that was accepted', async () => {
    const { anna, ben, id } = await makeRequest()
    await sendAs(on.app, ben, ['POST', 'me', `/follow-requests/${id}/accept`])
    expect((await decline(id, ben.accessToken)).status).toBe(404)
    expect(await edgesBetween(on.app, anna, ben)).toEqual([[anna.id, true]])
  })
})
