import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { createSignedInMember, registerMember, signIn, tryToSignIn } from '../../../testing/factories.ts'
import {
  beginSignIn,
  codeAt,
  createTwoFactorMember,
  finishSignIn,
  nextCode,
  setUpTwoFactor,
  signInWithCode,
  wrongCode,
} from '../../../testing/factories-two-factor.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

forEachApp('POST /auth/2fa/disable', {}, (on) => {
  const disable = (token: string | undefined, body: object) =>
    on.app.send('POST', '/auth/2fa/disable', { body, ...(token ? { token } : {}) })
  const userRow = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]

  it('refuses who is signed out with 401, who is pending with 403, and malformed bodies with 422', async () => {
    const proof = { password: 'x', code: '123456' }
    expect((await disable(undefined, proof)).status).toBe(401)
    const pending = await signIn(on.app, await registerMember(on.app))
    expect((await disable(pending.accessToken, proof)).status).toBe(403)
    const { accessToken } = await createSignedInMember(on.app)
    for (const body of [{}, { code: '123456' }, { ...proof, code: 123456 }, { ...proof, code: ['123456'] }]) {
      expect((await disable(accessToken, body)).status).toBe(422)
    }
  })

  it('refuses with 400 who has it off, and an unfinished setup', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const proof = { password: member.password }
    const { status, body } = await disable(member.accessToken, proof)
    expect([status, body.type]).toEqual([400, 'urn:outcry:problem:accounts.two_factor_off'])
    await setUpTwoFactor(app, member)
    expect((await disable(member.accessToken, proof)).status).toBe(400)
  })

  it('refuses with one 401 a wrong password, a wrong code and a missing code, and changes nothing', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const { password, accessToken } = member
    const code = codeAt(app, member.secret)
    const answers = [
      await disable(accessToken, { password: 'not the password', code }),
      await disable(accessToken, { password, code: wrongCode(app, member.secret) }),
      await disable(accessToken, { password, code: ` ${code}` }),
      await disable(accessToken, { password, code: codeAt(app, member.secret, -1) }),
      await disable(accessToken, { password }),
    ]
    for (const { status, body } of answers) {
      expect([status, body.type]).toEqual([401, 'urn:outcry:problem:accounts.proof_incorrect'])
    }
    expect(await userRow(member.id)).toMatchObject({ two_factor_last_step: expect.anything() })
    expect((await userRow(member.id))?.two_factor_secret).not.toBeNull()
    expect((await tryToSignIn(app, member.username)).body.two_factor_required).toBe(true)
    const where = `object_id = '${member.id}' and action = 'two_factor.disabled' and result = 'refused'`
    expect(await countStored(app, 'audit_events', where)).toBe(5)
    expect((await disable(accessToken, { password, code })).status).toBe(200)
  })

  it.each(['code', 'backup code'])('switches it off by password and %s, for good', async (kind) => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const other = await signInWithCode(app, member)
    const pending = await beginSignIn(app, member)
    nextCode(app)
    const code = kind === 'code' ? codeAt(app, member.secret) : member.backupCodes[5]
    const { status, body } = await disable(member.accessToken, { password: member.password, code })
    expect(status).toBe(200)
    expect(body.message).toContain('disabled')
    expect(body).toMatchObject({ success: true, data: null })
    const row = await userRow(member.id)
    expect(row?.two_factor_secret).toBeNull()
    expect(await countStored(app, 'recovery_codes', `user_id = '${member.id}'`)).toBe(0)
    expect((await app.send('GET', '/auth/me', { token: String(other.body.access_token) })).status).toBe(401)
    const me = await app.send('GET', '/auth/me', { token: member.accessToken })
    expect(me.body).toMatchObject({ two_factor_enabled: false })
    expect((await finishSignIn(app, { token: pending, code: codeAt(app, member.secret) })).status).toBe(401)
    expect((await tryToSignIn(app, member.username)).body.access_token).not.toBe('')
    await app.settle()
    expect(
      app.mail
        .to(member.email)
        .map(({ text }) => text)
        .join(),
    ).toContain('two-factor sign-in was switched off')
    const where = `object_id = '${member.id}' and action = 'two_factor.disabled' and result = 'ok'`
    expect(await storedRows(app, 'audit_events', where)).toMatchObject([{ actor_id: member.id }])
  })

  it('counts wrong passwords with those of signing in, and wrong codes with those of the second step', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    for (let n = 0; n < 10; n++) {
      const body = { password: 'not the password', code: codeAt(app, member.secret) }
      expect((await disable(member.accessToken, body)).status).toBe(401)
      app.clock.advance(31_000)
    }
    expect((await tryToSignIn(app, member.username)).status).toBe(401)
    const right = { password: member.password, code: codeAt(app, member.secret) }
    expect((await disable(member.accessToken, right)).status).toBe(401)
    app.clock.advance(16 * MINUTE)
    const token = await beginSignIn(app, member)
    const wrong = { password: member.password, code: wrongCode(app, member.secret) }
    for (let n = 0; n < 10; n++) expect((await disable(member.accessToken, wrong)).status).toBe(401)
    expect((await finishSignIn(app, { token, code: codeAt(app, member.secret) })).status).toBe(401)
    expect((await tryToSignIn(app, member.username)).status).toBe(200)
  })

  it('happens once of ten times at once, also on another node', async () => {
    const { app, dialect } = on
    await using node = await startTestApp({ dialect, beside: app })
    const member = await createTwoFactorMember(app)
    const body = { password: member.password, code: codeAt(app, member.secret) }
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, n) =>
        (n % 2 ? app : node).send('POST', '/auth/2fa/disable', { token: member.accessToken, body }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const where = `object_id = '${member.id}' and action = 'two_factor.disabled' and result = 'ok'`
    expect(await countStored(app, 'audit_events', where)).toBe(1)
  })
})
