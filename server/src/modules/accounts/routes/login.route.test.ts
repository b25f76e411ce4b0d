import { expect, it } from 'vitest'
import { createMember, type Member, PASSWORD } from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('POST /auth/login', {}, (on) => {
  const login = (fields: Record<string, string>) =>
    on.app.send('POST', '/auth/login', { body: new URLSearchParams(fields) })
  let member: Member | undefined
  const somebody = async () => (member ??= await createMember(on.app))

  it.each([{}, { username: 'x' }, { password: PASSWORD }, { username: '', password: PASSWORD }])(
    'refuses the form %j with 422',
    async (fields: Record<string, string>) => {
      expect((await login(fields)).status).toBe(422)
    },
  )

  it('refuses a password of 257 characters with 422', async () => {
    const { status, body } = await login({ username: 'x', password: 'x'.repeat(257) })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'body.password' }])
  })

  it('refuses JSON and bodies without a type with 415', async () => {
    const { app } = on
    const { username, password } = await somebody()
    expect((await app.send('POST', '/auth/login', { body: { username, password } })).status).toBe(415)
    const plain = { 'content-type': 'text/plain' }
    expect((await app.send('POST', '/auth/login', { body: {}, headers: plain })).status).toBe(415)
  })

  it.each(['client_credentials', 'refresh_token', ''])('refuses the grant_type "%s"', async (grant_type) => {
    const { username, password } = await somebody()
    const { status, body } = await login({ username, password, grant_type })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'body.grant_type' }])
  })

  it('refuses a repeated field', async () => {
    const { username, password } = await somebody()
    const body = new URLSearchParams({ username, password })
    body.append('password', 'another')
    expect((await on.app.send('POST', '/auth/login', { body })).status).toBe(422)
  })

  it('refuses a wrong password with the one 401', async () => {
    const { username } = await somebody()
    const { status, headers, body } = await login({ username, password: 'not the password' })
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(body.detail).toContain('incorrect')
  })

  it('opens a session by name and by address, with and without grant_type', async () => {
    const { username, email, password } = await somebody()
    for (const fields of [
      { username, password },
      { username: username.toUpperCase(), password, grant_type: 'password' },
      { username: email, password },
    ]) {
      const { status, headers, body } = await login(fields)
      expect(status).toBe(200)
      expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
      expect(body).toMatchObject({ token_type: 'bearer', expires_in: 1800 })
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  it('keeps the pluses and percent signs of a password', async () => {
    const password = 'a+b %2B & = ünïcode 🔥'
    const { username } = await createMember(on.app, { password })
    expect((await login({ username, password })).status).toBe(200)
    expect((await login({ username, password: password.replace('+', ' ') })).status).toBe(401)
  })
})
