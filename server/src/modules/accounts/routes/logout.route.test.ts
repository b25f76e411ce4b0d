import { expect, it } from 'vitest'
import {
  createSignedInMember,
  registerMember,
  type SignedInMember,
  signIn,
} from '../../../testing/factories.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const me = async (app: TestApp, token: string) => (await app.send('GET', '/auth/me', { token })).status
const refresh = async (app: TestApp, refresh_token: string) =>
  (await app.send('POST', '/auth/refresh', { body: { refresh_token } })).status

forEachApp('POST /auth/logout', {}, (on) => {
  const logout = (token?: string, body?: unknown) =>
    on.app.send('POST', '/auth/logout', { ...(token ? { token } : {}), ...(body ? { body } : {}) })
  const expectOut = async ({ accessToken, refreshToken }: SignedInMember) => {
    expect(await me(on.app, accessToken)).toBe(401)
    expect(await refresh(on.app, refreshToken)).toBe(401)
  }
  const entries = (id: string, action: string) =>
    storedRows(on.app, 'audit_events', `actor_id = '${id}' and action = '${action}'`)

  it('refuses who is not signed in with 401 and ends nothing', async () => {
    const member = await createSignedInMember(on.app)
    for (const token of [undefined, 'nonsense', member.refreshToken]) {
      const { status, headers } = await logout(token, {})
      expect(status).toBe(401)
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
    expect(await me(on.app, member.accessToken)).toBe(200)
  })

  it.each([['yes'], [1], [null]])('refuses all = %j with 422 and ends nothing', async (all) => {
    const { accessToken } = await createSignedInMember(on.app)
    const { status, body } = await logout(accessToken, { all })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'body.all' }])
    expect(await me(on.app, accessToken)).toBe(200)
  })

  it.each([
    ['no body', undefined],
    ['an empty one', {}],
    ['all = false', { all: false }],
  ])('ends this session with %s, its refresh token too, and no other', async (_what, body) => {
    const here = await createSignedInMember(on.app)
    const there = await signIn(on.app, here)
    const answer = await logout(here.accessToken, body)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ success: true, message: expect.any(String), data: null })
    await expectOut(here)
    expect(await me(on.app, there.accessToken)).toBe(200)
    expect(await refresh(on.app, there.refreshToken)).toBe(200)
    const [entry, ...more] = await entries(here.id, 'session.signed_out')
    expect(more).toEqual([])
    expect(entry).toMatchObject({ result: 'ok', object_type: 'session' })
    expect(entry?.object_id).toBe(entry?.session_id)
  })

  it('ends every session of the member when asked for all, and nobody else’s', async () => {
    const here = await createSignedInMember(on.app)
    const there = await signIn(on.app, here)
    const stranger = await createSignedInMember(on.app)
    expect((await logout(here.accessToken, { all: true })).status).toBe(200)
    await expectOut(here)
    await expectOut(there)
    expect(await me(on.app, stranger.accessToken)).toBe(200)
    const rows = await storedRows(on.app, 'sessions', `user_id = '${here.id}'`)
    expect(rows.map(({ revocation_reason }) => revocation_reason)).toEqual(['logout', 'logout'])
    expect(await entries(here.id, 'session.signed_out_everywhere')).toMatchObject([{ result: 'ok' }])
  })

  it('lets pending members out, who may sign in', async () => {
    const member = await signIn(on.app, await registerMember(on.app))
    expect((await logout(member.accessToken)).status).toBe(200)
    await expectOut(member)
  })

  it('ends once when asked twenty times at once, on two nodes', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await createSignedInMember(app)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? app : other).send('POST', '/auth/logout', { token: member.accessToken }),
      ),
    )
    for (const { status } of answers) expect([200, 401]).toContain(status)
    await expectOut(member)
    await expect.poll(() => me(other, member.accessToken)).toBe(401)
    const ended = (await entries(member.id, 'session.signed_out')).filter(({ result }) => result === 'ok')
    expect(ended).toHaveLength(1)
  })
})
