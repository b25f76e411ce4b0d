import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import {
  createSignedInMember,
  registerMember,
  signIn,
  storePasswordHash,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { codeAt, createTwoFactorMember, wrongCode } from '../../../testing/factories-two-factor.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const PASSKEY = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
}

forEachApp('POST /auth/reauthenticate', {}, (on) => {
  const prove = (token: string | undefined, body: object) =>
    on.app.send('POST', '/auth/reauthenticate', { body, ...(token ? { token } : {}) })
  const isFresh = async (token: string) =>
    (await on.app.send('POST', '/auth/2fa/setup', { token })).status !== 401
  const sessionOf = async (id: string) =>
    (await storedRows(on.app, 'sessions', `user_id = '${id}' and revoked_at is null`))[0]
  const growStale = () => on.app.clock.advance(6 * MINUTE)

  it('refuses who is signed out with 401 and who is pending with 403', async () => {
    expect((await prove(undefined, { password: 'x' })).status).toBe(401)
    const pending = await signIn(on.app, await registerMember(on.app))
    expect((await prove(pending.accessToken, { password: pending.password })).status).toBe(403)
  })

  it('refuses none, two and three proofs, and malformed ones, with 422', async () => {
    const { password, accessToken } = await createSignedInMember(on.app)
    const code = '123456'
    for (const body of [
      {},
      { password, code },
      { password, passkey: PASSKEY },
      { password, code, passkey: PASSKEY },
    ]) {
      const { status, body: problem } = await prove(accessToken, body)
      expect([status, problem.type]).toEqual([422, 'urn:outcry:problem:accounts.proof_missing'])
    }
    for (const body of [
      { password: 1 },
      { code: 123456 },
      { code: ['123456'] },
      { passkey: {} },
      { password: null },
    ]) {
      expect((await prove(accessToken, body)).status).toBe(422)
    }
  })

  it('refuses with one 401 what proves nothing, and leaves the session as it was', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const other = await createTwoFactorMember(app)
    growStale()
    const before = await sessionOf(member.id)
    for (const body of [
      { password: 'not the password' },
      { code: codeAt(app, other.secret) },
      { code: other.backupCodes[0] },
      { code: '000000' },
      { passkey: PASSKEY },
    ]) {
      const { status, headers, body: problem } = await prove(member.accessToken, body)
      expect([status, problem.type]).toEqual([401, 'urn:outcry:problem:accounts.proof_incorrect'])
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
    expect(await sessionOf(member.id)).toEqual(before)
    expect(await isFresh(member.accessToken)).toBe(false)
    const where = `object_id = '${member.id}' and action = 'session.reauthenticated' and result = 'refused'`
    expect(await countStored(app, 'audit_events', where)).toBe(5)
  })

  it('makes the session fresh by the password, for five minutes, on the same tokens', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    growStale()
    expect(await isFresh(member.accessToken)).toBe(false)
    const { status, body } = await prove(member.accessToken, { password: member.password })
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, data: null })
    app.clock.advance(5 * MINUTE)
    expect(await isFresh(member.accessToken)).toBe(true)
    app.clock.advance(1)
    expect(await isFresh(member.accessToken)).toBe(false)
    const [entry] = await storedRows(
      app,
      'audit_events',
      `object_id = '${member.id}' and action = 'session.reauthenticated'`,
    )
    expect(entry).toMatchObject({
      result: 'ok',
      factor: 'pwd',
      actor_id: member.id,
      session_id: (await sessionOf(member.id))?.id,
    })
  })

  it('binds one session only', async () => {
    const { app } = on
    const one = await createSignedInMember(app)
    const two = await signIn(app, one)
    growStale()
    expect((await prove(one.accessToken, { password: one.password })).status).toBe(200)
    expect([await isFresh(one.accessToken), await isFresh(two.accessToken)]).toEqual([true, false])
  })

  it('takes no password alone from who has a second factor, right or wrong', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    growStale()
    for (const password of [member.password, 'not the password']) {
      const { status, body } = await prove(member.accessToken, { password })
      expect([status, body.type]).toEqual([401, 'urn:outcry:problem:accounts.proof_incorrect'])
    }
    expect((await app.send('POST', '/auth/2fa/backup-codes', { token: member.accessToken })).status).toBe(401)
  })

  it('takes a code and a backup code, each once', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const renew = async () =>
      (await app.send('POST', '/auth/2fa/backup-codes', { token: member.accessToken })).status
    growStale()
    const code = codeAt(app, member.secret)
    expect((await prove(member.accessToken, { code: wrongCode(app, member.secret) })).status).toBe(401)
    expect((await prove(member.accessToken, { code: ` ${code}` })).status).toBe(401)
    expect((await prove(member.accessToken, { code })).status).toBe(200)
    expect((await prove(member.accessToken, { code })).status).toBe(401)
    expect(await sessionOf(member.id)).toMatchObject({ revoked_at: null })
    growStale()
    expect(await renew()).toBe(401)
    const [backup = ''] = member.backupCodes
    expect((await prove(member.accessToken, { code: backup })).status).toBe(200)
    expect((await prove(member.accessToken, { code: backup })).status).toBe(401)
    expect(await renew()).toBe(200)
    const sessions = await app.send('GET', '/auth/sessions', { token: member.accessToken })
    expect(sessions.body.items).toMatchObject([{ factors: ['pwd', 'otp', 'kba'] }])
  })

  it('counts wrong passwords with those of signing in', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    for (let n = 0; n < 10; n++) {
      expect((await prove(member.accessToken, { password: 'not the password' })).status).toBe(401)
      app.clock.advance(30_000)
    }
    expect((await tryToSignIn(app, member.username)).status).toBe(401)
    expect((await prove(member.accessToken, { password: member.password })).status).toBe(401)
    app.clock.advance(15 * MINUTE)
    expect((await prove(member.accessToken, { password: member.password })).status).toBe(200)
    expect((await tryToSignIn(app, member.username)).status).toBe(200)
  })

  it('takes no password from an account without one', async () => {
    const member = await createSignedInMember(on.app)
    await storePasswordHash(on.app, member.id, null)
    expect((await prove(member.accessToken, { password: member.password })).status).toBe(401)
  })

  it.each(['code', 'backup code'])(
    'takes one %s once of twenty times at once, also on another node',
    async (kind) => {
      const { app, dialect } = on
      await using node = await startTestApp({ dialect, beside: app })
      const member = await createTwoFactorMember(app)
      const body = { code: kind === 'code' ? codeAt(app, member.secret) : member.backupCodes[1] }
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 ? app : node).send('POST', '/auth/reauthenticate', { token: member.accessToken, body }),
        ),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)])
    },
  )
})

describe('POST /auth/reauthenticate under its limit', () => {
  it('takes ten a minute from one account', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    const member = await createSignedInMember(app)
    const send = () => app.send('POST', '/auth/reauthenticate', { token: member.accessToken, body: {} })
    for (let n = 0; n < 10; n++) expect((await send()).status).toBe(422)
    expect((await send()).status).toBe(429)
  })
})
