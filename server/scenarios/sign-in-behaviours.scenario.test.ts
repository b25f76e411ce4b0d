import { expect, it } from 'vitest'
import { verificationTokenFor } from '../src/testing/factories.ts'
import { codeAt, nextCode } from '../src/testing/factories-two-factor.ts'
import { type AppFixture, forEachApp } from '../src/testing/start-test-app.ts'

const ADA = { username: 'Ada_L', email: 'ada@example.test', password: 'correct horse battery staple' }

/** What clients of the platform before this one lean on when they sign people in; each stands on those before it. */
forEachApp('signing in', {}, (on) => {
  const { register, loginJson, me, post, newCode, session, twoFactor } = clientOf(on)

  it('registers a pending account with 201', async () => {
    const { status, body } = await register({})
    expect(status).toBe(201)
    expect(body).toMatchObject({ username: 'Ada_L', email: ADA.email, status: 'pending_verification' })
  })

  it('refuses an e-mail address that is taken with 400 that says so', async () => {
    const { status, body } = await register({ username: 'somebody_else' })
    expect(status).toBe(400)
    expect(body.detail).toMatch(/email/i)
  })

  it('refuses a username that is taken with 400 that says so', async () => {
    const { status, body } = await register({ email: 'other@example.test' })
    expect(status).toBe(400)
    expect(body.detail).toMatch(/username/i)
  })

  it('refuses a weak password with 422', async () => {
    const weak = { username: 'grace', email: 'grace@example.test', password: 'short' }
    expect((await register(weak)).status).toBe(422)
  })

  it('lets a member read their account before the address is verified', async () => {
    const { body } = await loginJson(ADA.username)
    const mine = await me(String(body.access_token))
    expect(mine).toMatchObject({ status: 200, body: { email: ADA.email, email_verified_at: null } })
  })

  it('verifies the address with the mailed token', async () => {
    const token = await verificationTokenFor(on.app, ADA.email)
    expect(await post('/auth/verify-email', { token })).toMatchObject({
      status: 200,
      body: { success: true },
    })
  })

  it('signs in with an OAuth 2.0 form', async () => {
    const form = new URLSearchParams({ username: ADA.username, password: ADA.password })
    const { status, body } = await post('/auth/login', form)
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 1800 })
  })

  it('signs in with JSON by username', async () => {
    expect(await loginJson('ada_l')).toMatchObject({ status: 200, body: { token_type: 'bearer' } })
  })

  it('signs in with JSON by e-mail address', async () => {
    const { status, body } = await loginJson(ADA.email)
    expect(status).toBe(200)
    session.accessToken = String(body.access_token)
    session.refreshToken = String(body.refresh_token)
  })

  it('refuses a wrong password with 401', async () => {
    const { status, body } = await loginJson(ADA.username, 'not the password at all')
    expect(status).toBe(401)
    expect(body.detail).toMatch(/incorrect/i)
    expect(body).not.toHaveProperty('access_token')
  })

  it('refuses a name that nobody has with the same 401', async () => {
    const [unknown, wrong] = [await loginJson('nobody'), await loginJson(ADA.username, 'another wrong one')]
    expect(unknown.status).toBe(401)
    expect({ ...unknown.body, instance: '' }).toEqual({ ...wrong.body, instance: '' })
  })

  it('refuses to tell who asks without a token with 401', async () => {
    expect((await me()).status).toBe(401)
  })

  it('tells who asks with a token', async () => {
    expect(await me(session.accessToken)).toMatchObject({
      status: 200,
      body: { username: 'Ada_L', status: 'active', two_factor_enabled: false },
    })
  })

  it('gives other tokens for a refresh token', async () => {
    const { status, body } = await post('/auth/refresh', { refresh_token: session.refreshToken })
    expect(status).toBe(200)
    expect(body.refresh_token).not.toBe(session.refreshToken)
    expect(body.access_token).not.toBe(session.accessToken)
    session.accessToken = String(body.access_token)
    session.refreshToken = String(body.refresh_token)
    expect((await me(session.accessToken)).status).toBe(200)
  })

  it('takes no refresh token for an access token', async () => {
    expect((await me(session.refreshToken)).status).toBe(401)
  })

  it('ends the session when the member signs out', async () => {
    expect(await post('/auth/logout', {}, session.accessToken)).toMatchObject({
      status: 200,
      body: { success: true },
    })
    expect((await me(session.accessToken)).status).toBe(401)
    expect((await post('/auth/refresh', { refresh_token: session.refreshToken })).status).toBe(401)
  })

  it('begins two-factor sign-in with a secret, a picture and ten backup codes', async () => {
    session.accessToken = String((await loginJson(ADA.username)).body.access_token)
    const { status, body } = await post('/auth/2fa/setup', undefined, session.accessToken)
    expect(status).toBe(200)
    expect(body.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(body.qr_code_url).toContain(String(body.secret))
    expect(body.qr_code_svg).toContain('<svg')
    expect(new Set(body.backup_codes as string[]).size).toBe(10)
    twoFactor.secret = String(body.secret)
    twoFactor.backupCodes = body.backup_codes as string[]
  })

  it('turns two-factor sign-in on with the first code', async () => {
    expect(await post('/auth/2fa/verify', { code: newCode() }, session.accessToken)).toMatchObject({
      status: 200,
      body: { success: true },
    })
  })

  it('signs in with the password and then a code', async () => {
    const { body: pending } = await loginJson(ADA.username)
    expect(pending).toMatchObject({ access_token: '', refresh_token: '', two_factor_required: true })
    const code = { token: pending.two_factor_token, two_fa_token: newCode() }
    const { status, body } = await post('/auth/2fa/login', code)
    expect(status).toBe(200)
    session.accessToken = String(body.access_token)
    expect(await me(session.accessToken)).toMatchObject({ status: 200, body: { two_factor_enabled: true } })
  })

  it('signs in with a backup code in place of a code, once', async () => {
    const withBackupCode = async () => {
      const { body } = await loginJson(ADA.username)
      return post('/auth/2fa/login', { token: body.two_factor_token, two_fa_token: twoFactor.backupCodes[0] })
    }
    expect((await withBackupCode()).status).toBe(200)
    expect((await withBackupCode()).status).toBe(401)
  })

  it('turns two-factor sign-in off with the password and a code', async () => {
    const proof = { password: ADA.password, code: newCode() }
    const { status, body } = await post('/auth/2fa/disable', proof, session.accessToken)
    expect(status).toBe(200)
    expect(body.message).toMatch(/disabled/i)
    const again = await loginJson(ADA.username)
    expect(again.status).toBe(200)
    expect(again.body.access_token).not.toBe('')
  })
})

/** Asks the application of a suite, and keeps what one step of the list leaves for the next. */
function clientOf(on: AppFixture) {
  const session = { accessToken: '', refreshToken: '' }
  const twoFactor: { secret: string; backupCodes: readonly string[] } = { secret: '', backupCodes: [] }
  const post = (path: string, body: unknown, token?: string) =>
    on.app.send('POST', path, { body, ...(token === undefined ? {} : { token }) })
  return {
    session,
    twoFactor,
    post,
    register: (other: Partial<typeof ADA>) => post('/auth/register', { ...ADA, ...other }),
    loginJson: (username_or_email: string, password = ADA.password) =>
      post('/auth/login/json', { username_or_email, password }),
    me: (token?: string) => on.app.send('GET', '/auth/me', token === undefined ? {} : { token }),
    newCode(): string {
      nextCode(on.app)
      return codeAt(on.app, twoFactor.secret)
    },
  }
}
