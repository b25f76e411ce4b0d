import { describe, expect, it } from 'vitest'
import {
  createMember,
  createSignedInMember,
  PASSWORD,
  registerMember,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { passMonotonically } from '../../../testing/monotonic-clock.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const claimsOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())

forEachApp('POST /auth/login/json', {}, (on) => {
  it.each([
    [{}],
    [{ username_or_email: 'x' }],
    [{ password: PASSWORD }],
    [{ username_or_email: '', password: PASSWORD }],
    [{ username_or_email: 'x'.repeat(321), password: PASSWORD }],
    [{ username_or_email: 'x', password: '' }],
    [{ username_or_email: 'x', password: 'x'.repeat(257) }],
    [{ username_or_email: ['x'], password: PASSWORD }],
    [{ username_or_email: 'x', password: 123456789012 }],
    [{ username_or_email: 'a\u0000b', password: PASSWORD }],
  ])('refuses the body %j with 422', async (body) => {
    expect((await on.app.send('POST', '/auth/login/json', { body })).status).toBe(422)
  })

  it.each([
    ['longer than any username', 'a'.repeat(51)],
    ['longer than any address', `${'a'.repeat(300)}@example.test`],
    ['growing when it is made canonical', 'ﷺ'.repeat(100)],
    ['of control characters', 'a\u0001\u202eb'],
    ['of spaces', '   '],
    ['that is an id', '01890a5d-ac96-774b-bcce-b302099a8057'],
  ])('answers a name %s like every unknown one', async (_what, name) => {
    const { status, body } = await tryToSignIn(on.app, name)
    expect(status).toBe(401)
    expect(body.type).toBe('urn:outcry:problem:accounts.credentials_incorrect')
  })

  it.each([
    ['without its trailing space', 'twelve chars and a space ', 'twelve chars and a space'],
    ['with another case', 'twelve Chars and more', 'twelve chars and more'],
    ['that shares its first 72 bytes', `${'x y '.repeat(20)}one`, `${'x y '.repeat(20)}two`],
  ])('takes no password %s', async (_what, password, other) => {
    const { username } = await createMember(on.app, { password })
    expect((await tryToSignIn(on.app, username, other)).status).toBe(401)
    expect((await tryToSignIn(on.app, username, password)).status).toBe(200)
  })

  it('takes a password in either Unicode form', async () => {
    const { username } = await createMember(on.app, { password: 'caf\u00e9 au lait, twice' })
    expect((await tryToSignIn(on.app, username, 'cafe\u0301 au lait, twice')).status).toBe(200)
  })

  it('takes a password of 256 code points', async () => {
    const password = '😀'.repeat(256)
    const { username } = await createMember(on.app, { password })
    expect((await tryToSignIn(on.app, username, password)).status).toBe(200)
  })

  it('gives two sign-ins in one second tokens of their own', async () => {
    const { username } = await createMember(on.app)
    const [one, two] = await Promise.all([tryToSignIn(on.app, username), tryToSignIn(on.app, username)])
    expect(one.body.refresh_token).not.toBe(two.body.refresh_token)
    expect(claimsOf(one.body.access_token).jti).not.toBe(claimsOf(two.body.access_token).jti)
    expect(claimsOf(one.body.access_token).iat).toBe(claimsOf(two.body.access_token).iat)
  })

  it('says nothing personal in the access token', async () => {
    const { username, email, accessToken } = await createSignedInMember(on.app)
    const claims = claimsOf(accessToken)
    expect(claims).toMatchObject({ amr: ['pwd'] })
    expect(JSON.stringify(claims)).not.toContain(username)
    expect(JSON.stringify(claims)).not.toContain(email)
  })

  it('keeps when, from where and how often a member signed in', async () => {
    const { app } = on
    const { id, username } = await createMember(app)
    app.clock.advance(5_000)
    await tryToSignIn(app, username)
    await tryToSignIn(app, username)
    await tryToSignIn(app, username, 'not the password')
    const [row] = await storedRows(app, 'users', `id = '${id}'`)
    expect(row).toMatchObject({ login_count: 2, last_login_ip: '127.0.0.1' })
    expect(new Date(String(row?.last_login_at))).toEqual(app.clock.now())
    const sessions = await storedRows(app, 'sessions', `user_id = '${id}'`)
    expect(sessions).toHaveLength(2)
    expect(sessions[0]).toMatchObject({ ip_address: '127.0.0.1', revoked_at: null })
  })

  it('lets a pending member in', async () => {
    const member = await registerMember(on.app)
    expect((await tryToSignIn(on.app, member.email)).status).toBe(200)
  })
})

describe('POST /auth/login/json under its limit', () => {
  it('counts form and JSON together: ten a minute from one address', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    const form = new URLSearchParams({ username: 'nobody', password: PASSWORD })
    for (let n = 0; n < 5; n++) {
      expect((await tryToSignIn(app, `nobody_${n}`)).status).toBe(401)
      expect((await app.send('POST', '/auth/login', { body: form })).status).toBe(401)
    }
    for (const refused of [
      await tryToSignIn(app, 'nobody'),
      await app.send('POST', '/auth/login', { body: form }),
    ]) {
      expect(refused.status).toBe(429)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    app.clock.advance(60_001)
    expect((await tryToSignIn(app, 'nobody')).status).toBe(401)
  })

  it('C10: takes a hundred an hour from one address, also when they come slowly', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    const statuses: number[] = []
    for (let n = 0; n < 101; n++) {
      if (n > 0 && n % 10 === 0) {
        app.clock.advance(61_000)
        passMonotonically(61_000)
      }
      statuses.push((await tryToSignIn(app, `nobody_${n}`)).status)
    }
    expect(statuses.indexOf(429)).toBe(100)
    app.clock.advance(3_600_000)
    passMonotonically(3_600_000)
    expect((await tryToSignIn(app, 'nobody')).status).toBe(401)
  })

  it('answers the expiry that the settings ask for', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_ACCESS_TOKEN_TTL: '60' } })
    const { username } = await createMember(app)
    const { body } = await tryToSignIn(app, username)
    expect(body.expires_in).toBe(60)
    const token = String(body.access_token)
    app.clock.advance(89_000)
    expect((await app.send('GET', '/auth/me', { token })).status).toBe(200)
    app.clock.advance(2_000)
    expect((await app.send('GET', '/auth/me', { token })).status).toBe(401)
  })
})
