import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import {
  createMember,
  createSignedInMember,
  registerMember,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import {
  beginSignIn,
  codeAt,
  createTwoFactorMember,
  finishSignIn,
  nextCode,
  setUpTwoFactor,
} from '../../../testing/factories-two-factor.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows, storedText } from '../../../testing/stored-rows.ts'

forEachApp('POST /auth/2fa/setup', {}, (on) => {
  const setUp = (token?: string) => on.app.send('POST', '/auth/2fa/setup', token ? { token } : {})
  const userRow = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]

  it('refuses who is signed out with 401 and who is pending with 403', async () => {
    expect((await setUp()).status).toBe(401)
    expect((await setUp('x'.repeat(43))).status).toBe(401)
    const pending = await signIn(on.app, await registerMember(on.app))
    expect((await setUp(pending.accessToken)).status).toBe(403)
  })

  it('asks for a fresh session, and changes nothing without', async () => {
    const { app } = on
    const { id, accessToken } = await createSignedInMember(app)
    app.clock.advance(5 * MINUTE + 1)
    const { status, headers } = await setUp(accessToken)
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('insufficient_user_authentication')
    expect((await userRow(id))?.two_factor_secret).toBeNull()
    expect(await countStored(app, 'recovery_codes', `user_id = '${id}'`)).toBe(0)
  })

  it('refuses with 400 who has it on', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const before = (await userRow(member.id))?.two_factor_secret
    const { status, body } = await setUp(member.accessToken)
    expect([status, body.type]).toEqual([400, 'urn:outcry:problem:accounts.two_factor_on'])
    expect((await userRow(member.id))?.two_factor_secret).toEqual(before)
    expect(await countStored(app, 'recovery_codes', `user_id = '${member.id}'`)).toBe(10)
  })

  it('shows a seed of 160 bits as text, URI and picture, and ten codes', async () => {
    const { username, accessToken } = await createSignedInMember(on.app)
    const { status, headers, body } = await setUp(accessToken)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(Object.keys(body).sort()).toEqual(['backup_codes', 'qr_code_svg', 'qr_code_url', 'secret'])
    expect(body.secret).toMatch(/^[A-Z2-7]{32}$/)
    const uri = new URL(String(body.qr_code_url))
    expect(uri.href).toContain(`otpauth://totp/`)
    expect(decodeURIComponent(uri.pathname)).toBe(`/Outcry:${username}`)
    expect(uri.searchParams.get('secret')).toBe(body.secret)
    expect(body.qr_code_svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^<]*>.*<\/svg>$/s)
    expect(body.qr_code_svg).not.toMatch(/<script|href|on\w+=/i)
    expect(body.backup_codes).toHaveLength(10)
    expect(new Set(body.backup_codes as string[]).size).toBe(10)
  })

  it('gates nothing before it is confirmed, and its codes work nowhere', async () => {
    const { app } = on
    const member = await setUpTwoFactor(app, await createSignedInMember(app))
    const { body } = await tryToSignIn(app, member.username)
    expect(body.access_token).not.toBe('')
    expect(body).not.toHaveProperty('two_factor_required')
    const token = member.accessToken
    const me = await app.send('GET', '/auth/me', { token })
    expect(me.body.two_factor_enabled).toBe(false)
    for (const code of [codeAt(app, member.secret), ...member.backupCodes.slice(0, 2)]) {
      expect((await app.send('POST', '/auth/reauthenticate', { token, body: { code } })).status).toBe(401)
      const disable = { password: member.password, code }
      expect((await app.send('POST', '/auth/2fa/disable', { token, body: disable })).status).toBe(400)
    }
    expect(
      (await app.send('POST', '/auth/2fa/verify', { token, body: { code: member.backupCodes[0] } })).status,
    ).toBe(400)
  })

  it('replaces an unfinished setup with its codes', async () => {
    const { app } = on
    const session = await createSignedInMember(app)
    const [first, second] = [await setUpTwoFactor(app, session), await setUpTwoFactor(app, session)]
    expect(second.secret).not.toBe(first.secret)
    expect(await countStored(app, 'recovery_codes', `user_id = '${session.id}'`)).toBe(10)
    const token = session.accessToken
    const verify = (secret: string) =>
      app.send('POST', '/auth/2fa/verify', { token, body: { code: codeAt(app, secret) } })
    expect((await verify(first.secret)).status).toBe(400)
    expect((await verify(second.secret)).status).toBe(200)
    const old = { token: await beginSignIn(app, session), code: first.backupCodes[0] }
    expect((await finishSignIn(app, old)).status).toBe(401)
    expect((await finishSignIn(app, { ...old, code: second.backupCodes[0] })).status).toBe(200)
  })

  it('leaves one seed and ten codes when eight ask at once', async () => {
    const { app } = on
    const session = await createSignedInMember(app)
    const made = await Promise.all(Array.from({ length: 8 }, () => setUpTwoFactor(app, session)))
    expect(await countStored(app, 'recovery_codes', `user_id = '${session.id}'`)).toBe(10)
    const token = session.accessToken
    const attempts: number[] = []
    for (const { secret } of made) {
      const body = { code: codeAt(app, secret) }
      attempts.push((await app.send('POST', '/auth/2fa/verify', { token, body })).status)
      if (attempts.includes(200)) break
    }
    expect(attempts.at(-1)).toBe(200)
    const enabled = made[attempts.length - 1]
    const step = { token: await beginSignIn(app, session), code: enabled?.backupCodes[9] }
    expect((await finishSignIn(app, step)).status).toBe(200)
  })

  it('is in the audit log; seed and codes are in no later answer, not in the log, and never plain in the database', async () => {
    const { app } = on
    const member = await setUpTwoFactor(app, await signIn(app, await createMember(app)))
    const token = member.accessToken
    const verify = { code: codeAt(app, member.secret) }
    const answers = [
      await app.send('POST', '/auth/2fa/verify', { token, body: verify }),
      await app.send('POST', '/auth/2fa/setup', { token }),
      await app.send('GET', '/auth/me', { token }),
      await app.send('GET', '/users/me', { token }),
      await app.send('GET', `/users/${member.id}`, { token }),
    ]
    nextCode(app)
    const pending = [await beginSignIn(app, member), await beginSignIn(app, member)]
    await finishSignIn(app, { token: pending[0], code: member.backupCodes[0] })
    await finishSignIn(app, { token: pending[1], code: codeAt(app, member.secret) })
    answers.push(
      await app.send('POST', '/auth/reauthenticate', { token, body: { code: member.backupCodes[0] } }),
    )
    await app.settle()
    const entries = await storedRows(app, 'audit_events', `object_id = '${member.id}'`)
    expect(entries.map(({ action }) => action)).toContain('two_factor.begun')
    const seed = base32Bytes(member.secret)
    const secrets = [
      member.secret,
      ...pending,
      ...['hex', 'base64', 'base64url', 'latin1'].map((encoding) =>
        seed.toString(encoding as BufferEncoding),
      ),
      ...member.backupCodes.flatMap((code) => [code, code.replaceAll('-', '')]),
    ]
    const places = [
      answers.map(({ text }) => text).join(),
      app.logged.join(''),
      JSON.stringify(app.mail.sent),
      await storedText(app),
    ]
    for (const secret of secrets) for (const place of places) expect(place.includes(secret)).toBe(false)
  })
})

function base32Bytes(text: string): Buffer {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}
