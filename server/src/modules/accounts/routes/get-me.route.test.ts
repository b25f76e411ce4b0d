import { expect, it } from 'vitest'
import {
  changeMember,
  createSignedInMember,
  registerMember,
  signIn,
  USER_FULL_FIELDS,
  verificationTokenFor,
} from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('GET /auth/me', {}, (on) => {
  const me = (token?: string) => on.app.send('GET', '/auth/me', token === undefined ? {} : { token })

  it.each([
    ['no token', undefined],
    ['nonsense', 'nonsense'],
    ['a token without its signature', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'],
  ])('refuses %s with 401 and the challenge', async (_what, token) => {
    const { status, headers, body } = await me(token)
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(body.type).toBe('urn:outcry:problem:http.unauthenticated')
  })

  it('refuses refresh and verification tokens', async () => {
    const pending = await registerMember(on.app)
    const member = await signIn(on.app, pending)
    expect((await me(member.refreshToken)).status).toBe(401)
    expect((await me(await verificationTokenFor(on.app, pending.email))).status).toBe(401)
  })

  it('refuses another scheme than Bearer', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    for (const authorization of [`Basic ${accessToken}`, accessToken, `Bearer ${accessToken} x`, 'Bearer']) {
      expect((await on.app.send('GET', '/auth/me', { headers: { authorization } })).status).toBe(401)
    }
  })

  it('answers every field of the account and nothing else', async () => {
    const { id, username, email, accessToken } = await createSignedInMember(on.app)
    const { status, headers, body } = await me(accessToken)
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual([...USER_FULL_FIELDS].sort())
    expect(body).toMatchObject({ id, username, email, role: 'user', status: 'active' })
    expect(body.last_login_at).toBe(on.app.clock.now().toISOString())
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('lets pending members in, here and nowhere else', async () => {
    const member = await signIn(on.app, await registerMember(on.app))
    expect((await me(member.accessToken)).body.status).toBe('pending_verification')
    for (const path of ['/users', `/users/${member.id}`]) {
      const { status, body } = await on.app.send('GET', path, { token: member.accessToken })
      expect(status).toBe(403)
      expect(body.detail).toContain('pending_verification')
    }
  })

  it.each(['suspended', 'banned', 'inactive'] as const)(
    'refuses the very next request of a member who is %s, naming it',
    async (status) => {
      const { id, accessToken } = await createSignedInMember(on.app)
      expect((await me(accessToken)).status).toBe(200)
      await changeMember(on.app, id, { status })
      for (const path of ['/auth/me', '/users', `/users/${id}`]) {
        const answer = await on.app.send('GET', path, { token: accessToken })
        expect(answer.status).toBe(403)
        expect(answer.body.detail).toContain(status)
      }
      await changeMember(on.app, id, { status: 'active' })
      expect((await me(accessToken)).status).toBe(200)
    },
  )

  it('shows a new role at once', async () => {
    const { app } = on
    const { username, accessToken } = await createSignedInMember(app)
    expect((await me(accessToken)).body.role).toBe('user')
    await app.app.accounts.admin.setRole(username, 'moderator')
    expect((await me(accessToken)).body.role).toBe('moderator')
  })

  it('ends with the access token, at its expiry and a leeway of 30 s', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    on.app.clock.advance(1_829_000)
    expect((await me(accessToken)).status).toBe(200)
    on.app.clock.advance(2_000)
    expect((await me(accessToken)).status).toBe(401)
  })
})
