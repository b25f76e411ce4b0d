import { expect, it } from 'vitest'
import { forEachApp } from '../src/testing/start-test-app.ts'

const PASSWORD = 'correct horse battery staple'

forEachApp('a first member', {}, (on) => {
  it('registers, reads the mail, verifies, signs in by form and by JSON, and reads their account', async () => {
    const { app } = on
    const registered = await app.send('POST', '/auth/register', {
      body: { username: 'Ada_L', email: 'Ada@Example.test', password: PASSWORD, full_name: 'Ada Lovelace' },
    })
    expect(registered.status).toBe(201)
    expect(registered.body).toMatchObject({
      username: 'Ada_L',
      email: 'ada@example.test',
      display_name: 'Ada Lovelace',
      full_name: 'Ada Lovelace',
      role: 'user',
      status: 'pending_verification',
      is_private: false,
      followers_count: 0,
      last_login_at: null,
      two_factor_enabled: false,
    })
    expect(registered.text).not.toContain('password')

    await app.settle()
    const [mail] = app.mail.sent
    expect(app.mail.sent).toHaveLength(1)
    expect(mail?.to).toBe('ada@example.test')
    const token = /#token=([\w-]{43})/.exec(mail?.text ?? '')?.[1]
    expect(token).toBeDefined()

    const verified = await app.send('POST', '/auth/verify-email', { body: { token } })
    expect(verified).toMatchObject({ status: 200, body: { success: true, data: null } })
    expect((await app.send('POST', '/auth/verify-email', { body: { token } })).status).toBe(400)

    const form = new URLSearchParams({ username: 'ada_l', password: PASSWORD, grant_type: 'password' })
    const byForm = await app.send('POST', '/auth/login', { body: form })
    expect(byForm).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 1800 } })
    const byJson = await app.send('POST', '/auth/login/json', {
      body: { username_or_email: 'ADA@example.test', password: PASSWORD },
    })
    expect(byJson.status).toBe(200)
    expect(byJson.body.access_token).not.toBe(byForm.body.access_token)

    const me = await app.send('GET', '/auth/me', { token: String(byJson.body.access_token) })
    expect(me).toMatchObject({
      status: 200,
      body: {
        id: registered.body.id,
        status: 'active',
        last_login_at: app.clock.now().toISOString(),
        email_verified_at: app.clock.now().toISOString(),
      },
    })
  })

  it('answers a wrong password and an unknown name alike', async () => {
    const login = (username_or_email: string, password: string) =>
      on.app.send('POST', '/auth/login/json', { body: { username_or_email, password } })
    const wrong = await login('ada_l', 'not the password at all')
    const unknown = await login('nobody', 'not the password at all')
    expect(wrong.status).toBe(401)
    expect(wrong.body.detail).toContain('incorrect')
    expect({ ...wrong.body, instance: '' }).toEqual({ ...unknown.body, instance: '' })
  })
})
