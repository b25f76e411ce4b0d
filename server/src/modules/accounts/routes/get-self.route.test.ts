import { expect, it } from 'vitest'
import {
  changeMember,
  createMember,
  createSignedInMember,
  registerMember,
  signIn,
  USER_FULL_FIELDS,
} from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('GET /users/me', {}, (on) => {
  const self = (token?: string) => on.app.send('GET', '/users/me', token === undefined ? {} : { token })

  it('refuses nobody and nonsense with 401', async () => {
    for (const token of [undefined, 'nonsense']) expect((await self(token)).status).toBe(401)
  })

  it('answers the account with what nobody else sees, and nothing else', async () => {
    const { app } = on
    const { id, email, accessToken } = await createSignedInMember(app)
    const phone_number = `+49${String(Date.now()).slice(-9)}`
    await changeMember(app, id, {
      phone_number,
      date_of_birth: '1815-12-10',
      push_notifications: false,
      marketing_emails: true,
    })
    const { status, body, headers } = await self(accessToken)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    const fields = [...USER_FULL_FIELDS, 'phone', 'date_of_birth', 'notification_preferences']
    expect(Object.keys(body).sort()).toEqual(fields.sort())
    expect(body).toMatchObject({
      id,
      email,
      phone: phone_number,
      date_of_birth: '1815-12-10',
      notification_preferences: { email: true, push: false, marketing: true },
    })
  })

  it('lets pending members in and closed ones out', async () => {
    const { app } = on
    const pending = await signIn(app, await registerMember(app))
    expect((await self(pending.accessToken)).body).toMatchObject({
      status: 'pending_verification',
      phone: null,
      date_of_birth: null,
    })
    await changeMember(app, pending.id, { status: 'inactive' })
    expect((await self(pending.accessToken)).status).toBe(403)
  })

  it('is nobody’s name', async () => {
    const { app } = on
    const { accessToken } = await createSignedInMember(app)
    await expect(createMember(app, { username: 'me_' })).resolves.toBeDefined()
    const taken = app.app.accounts.admin.create({
      username: 'me',
      email: 'me@example.test',
      password: 'correct horse battery staple',
      displayName: null,
    })
    await expect(taken).rejects.toThrow()
    expect((await self(accessToken)).status).toBe(200)
  })
})
