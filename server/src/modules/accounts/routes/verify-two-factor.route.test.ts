import { expect, it, vi } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { createSignedInMember, registerMember, signIn } from '../../../testing/factories.ts'
import {
  beginSignIn,
  codeAt,
  createTwoFactorMember,
  finishSignIn,
  nextCode,
  setUpTwoFactor,
  wrongCode,
} from '../../../testing/factories-two-factor.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

forEachApp('POST /auth/2fa/verify', {}, (on) => {
  const verify = (token: string | undefined, body: object) =>
    on.app.send('POST', '/auth/2fa/verify', { body, ...(token ? { token } : {}) })
  const isOn = async (token: string) =>
    (await on.app.send('GET', '/auth/me', { token })).body.two_factor_enabled

  it('refuses who is signed out with 401, who is pending with 403, and malformed bodies with 422', async () => {
    expect((await verify(undefined, { code: '123456' })).status).toBe(401)
    const pending = await signIn(on.app, await registerMember(on.app))
    expect((await verify(pending.accessToken, { code: '123456' })).status).toBe(403)
    const { accessToken } = await createSignedInMember(on.app)
    for (const body of [{}, { code: 123456 }, { code: ['123456'] }, { code: null }, { code: '' }]) {
      expect((await verify(accessToken, body)).status).toBe(422)
    }
  })

  it('refuses with 400 when there is nothing to verify, and when it is on', async () => {
    const { app } = on
    const fresh = await createSignedInMember(app)
    const nothing = await verify(fresh.accessToken, { code: '123456' })
    expect([nothing.status, nothing.body.type]).toEqual([
      400,
      'urn:outcry:problem:accounts.two_factor_not_begun',
    ])
    const member = await createTwoFactorMember(app)
    const already = await verify(member.accessToken, { code: codeAt(app, member.secret) })
    expect([already.status, already.body.type]).toEqual([400, 'urn:outcry:problem:accounts.two_factor_on'])
  })

  it('refuses with 400 a code that is wrong, old, early, padded or no code of the app', async () => {
    const { app } = on
    const member = await setUpTwoFactor(app, await createSignedInMember(app))
    const code = codeAt(app, member.secret)
    for (const wrong of [
      wrongCode(app, member.secret),
      codeAt(app, member.secret, -2),
      codeAt(app, member.secret, 2),
      ` ${code}`,
      `${code}\n`,
      String(member.backupCodes[0]),
    ]) {
      const { status, body } = await verify(member.accessToken, { code: wrong })
      expect([status, body.type]).toEqual([400, 'urn:outcry:problem:accounts.code_incorrect'])
    }
    expect(await isOn(member.accessToken)).toBe(false)
    expect(await countStored(app, 'sessions', `user_id = '${member.id}' and revoked_at is null`)).toBe(1)
    expect(await countStored(app, 'recovery_codes', `user_id = '${member.id}' and used_at is null`)).toBe(10)
  })

  it('switches it on, ends every other session, tells the member and leaves an audit entry', async () => {
    const { app } = on
    const other = await createSignedInMember(app)
    const member = await setUpTwoFactor(app, await signIn(app, other))
    const { status, body } = await verify(member.accessToken, { code: codeAt(app, member.secret) })
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, data: null })
    expect(await isOn(member.accessToken)).toBe(true)
    expect((await app.send('GET', '/auth/me', { token: other.accessToken })).status).toBe(401)
    const refresh = { refresh_token: other.refreshToken }
    expect((await app.send('POST', '/auth/refresh', { body: refresh })).status).toBe(401)
    const ended = await storedRows(app, 'sessions', `user_id = '${member.id}' and revoked_at is not null`)
    expect(ended).toMatchObject([{ revocation_reason: 'factor' }])
    await app.settle()
    expect(app.mail.to(member.email)[0]?.text).toContain('two-factor sign-in was switched on')
    const [entry] = await storedRows(
      app,
      'audit_events',
      `object_id = '${member.id}' and action = 'two_factor.enabled'`,
    )
    expect(entry).toMatchObject({ result: 'ok', actor_id: member.id, address: '127.0.0.1' })
    const sessions = await app.send('GET', '/auth/sessions', { token: member.accessToken })
    expect(sessions.body.items).toMatchObject([{ factors: ['pwd', 'otp'], current: true }])
  })

  it('uses the code up: it does not sign in as well', async () => {
    const { app } = on
    const member = await setUpTwoFactor(app, await createSignedInMember(app))
    const code = codeAt(app, member.secret)
    expect((await verify(member.accessToken, { code })).status).toBe(200)
    const token = await beginSignIn(app, member)
    expect((await finishSignIn(app, { token, code })).status).toBe(401)
    nextCode(app)
    expect((await finishSignIn(app, { token, code: codeAt(app, member.secret) })).status).toBe(200)
  })

  it('leaves no session of a sign-in that was under way without a second factor', async () => {
    const { app } = on
    const { hasher } = app.app.platform
    vi.spyOn(hasher, 'verify').mockResolvedValue(true)
    for (let round = 0; round < 6; round++) {
      const member = await setUpTwoFactor(app, await createSignedInMember(app))
      const body = { username_or_email: member.username, password: member.password }
      const signIns = Array.from({ length: 4 }, () => app.send('POST', '/auth/login/json', { body }))
      const code = codeAt(app, member.secret)
      const [turned, ...answers] = await Promise.all([verify(member.accessToken, { code }), ...signIns])
      expect(turned?.status).toBe(200)
      for (const { status } of answers) expect(status).toBe(200)
      const open = await storedRows(app, 'sessions', `user_id = '${member.id}' and revoked_at is null`)
      expect(open).toHaveLength(1)
    }
    vi.restoreAllMocks()
  })

  it('happens once of twenty times at once, also on another node', async () => {
    const { app, dialect } = on
    await using node = await startTestApp({ dialect, beside: app })
    const member = await setUpTwoFactor(app, await createSignedInMember(app))
    const body = { code: codeAt(app, member.secret) }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? app : node).send('POST', '/auth/2fa/verify', { token: member.accessToken, body }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)])
    const where = `object_id = '${member.id}' and action = 'two_factor.enabled' and result = 'ok'`
    expect(await countStored(app, 'audit_events', where)).toBe(1)
  })

  it('locks guessing: after ten wrong codes the right one waits 15 minutes, and a new setup begins anew', async () => {
    const { app } = on
    const member = await setUpTwoFactor(app, await createSignedInMember(app))
    const wrong = () => verify(member.accessToken, { code: wrongCode(app, member.secret) })
    for (let n = 0; n < 10; n++) expect((await wrong()).status).toBe(400)
    expect((await verify(member.accessToken, { code: codeAt(app, member.secret) })).status).toBe(400)
    const again = await setUpTwoFactor(app, member)
    expect((await verify(member.accessToken, { code: codeAt(app, again.secret) })).status).toBe(200)
    app.clock.advance(16 * MINUTE)
  })
})
