import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../platform/durations.ts'
import {
  createMember,
  createSignedInMember,
  registerMember,
  resetTokenFor,
  tryToSignIn,
  verificationTokenFor,
} from '../../testing/factories.ts'
import { forEachApp } from '../../testing/start-test-app.ts'
import { countStored } from '../../testing/stored-rows.ts'

forEachApp('a clock that is set back while the server runs', {}, (on) => {
  it('R8: refuses to issue and to accept tokens with one sentence, writes nothing, and heals by itself', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const pending = await registerMember(app)
    const token = await verificationTokenFor(app, pending.email)
    const personal = await app.send('POST', '/auth/tokens', {
      token: member.accessToken,
      body: { name: 'a program', scopes: ['account:read'] },
    })
    const tables = ['sessions', 'audit_events', 'jobs', 'throttle_counters', 'email_verification_tokens']
    const stored = () => Promise.all(tables.map((table) => countStored(app, table)))
    const before = await stored()
    const refresh_token = member.refreshToken
    const attempts = [
      () => tryToSignIn(app, member.username),
      () => app.send('POST', '/auth/refresh', { body: { refresh_token } }),
      () => app.send('GET', '/auth/me', { token: member.accessToken }),
      () => app.send('GET', '/auth/me', { token: String(personal.body.token) }),
      () => app.send('GET', '/users', { token: member.accessToken }),
      () => app.send('POST', '/auth/verify-email', { body: { token } }),
      () => app.send('POST', '/auth/password-reset', { body: { email: member.email } }),
      () => app.send('POST', '/auth/logout', { token: member.accessToken }),
    ]
    app.clock.advance(-2 * MINUTE - 1)
    for (const attempt of attempts) {
      const { status, headers, body } = await attempt()
      expect(status).toBe(503)
      expect(body.type).toBe('urn:outcry:problem:http.clock_behind')
      expect(body.detail).toContain('clock')
      expect(headers.get('retry-after')).toBe('60')
    }
    expect(await stored()).toEqual(before)
    expect((await app.send('GET', '/users')).status).toBe(200)
    const health = async (path: string) => (await fetch(`${app.url}/health/${path}`)).status
    expect([await health('live'), await health('ready')]).toEqual([200, 503])
    expect(app.logged.filter((line) => line.includes('nobody is signed in until it is right'))).toHaveLength(
      1,
    )
    app.clock.advance(2 * MINUTE + 1)
    for (const attempt of attempts) expect((await attempt()).status).toBeLessThan(300)
    expect(await health('ready')).toBe(200)
  })

  it('R8: brings nothing back that was over: access token, session, reset link and lock', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const link = await resetTokenFor(app, member.email)
    const locked = await createMember(app)
    for (let n = 0; n < 5; n++) await tryToSignIn(app, locked.username, 'not the password')
    app.clock.advance(31 * MINUTE)
    const confirm = () =>
      app.send('POST', '/auth/password-reset/confirm', {
        body: { token: link, new_password: 'a long new sentence' },
      })
    expect((await confirm()).status).toBe(400)
    app.clock.advance(-30 * MINUTE)
    expect((await confirm()).status).toBe(503)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(503)
    app.clock.advance(30 * MINUTE)
    expect((await confirm()).status).toBe(400)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(401)
  })

  it('R8: lets a jump forward sign people out, and damages nothing', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    app.clock.advance(24 * HOUR)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(401)
    expect((await tryToSignIn(app, member.username)).status).toBe(200)
  })
})
