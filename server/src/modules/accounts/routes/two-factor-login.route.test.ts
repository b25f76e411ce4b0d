import { beforeAll, describe, expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { changeMember, createMember, signIn, tryToSignIn } from '../../../testing/factories.ts'
import {
  beginSignIn,
  codeAt,
  createTwoFactorMember,
  enableTwoFactor,
  finishSignIn,
  nextCode,
  setUpTwoFactor,
  type TwoFactorMember,
  wrongCode,
} from '../../../testing/factories-two-factor.ts'
import { type Answer, forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const BROWSER = { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:4000' }
const cookieOf = ({ headers }: Answer): string => String(headers.get('set-cookie')).split(';')[0] ?? ''
const claimsOf = (token: unknown): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())

async function sessionsOf(app: TestApp, { id }: { id: string }): Promise<number> {
  return countStored(app, 'sessions', `user_id = '${id}' and revoked_at is null`)
}

forEachApp('POST /auth/2fa/login', {}, (on) => {
  let made: TwoFactorMember | undefined
  const member = () => {
    if (!made) throw new Error('The member is there only while tests run.')
    return made
  }
  beforeAll(async () => {
    made = await createTwoFactorMember(on.app)
  })

  it.each([
    [{}],
    [{ token: 'x' }],
    [{ two_fa_token: '123456' }],
    [{ token: '', two_fa_token: '123456' }],
    [{ token: 'x', two_fa_token: '' }],
    [{ token: 'x'.repeat(2_049), two_fa_token: '123456' }],
    [{ token: 'x', two_fa_token: 123456 }],
    [{ token: 'x', two_fa_token: ['123456'] }],
    [{ token: 'x', two_fa_token: null }],
    [{ token: ['x'], two_fa_token: '123456' }],
    [{ token: 'x', two_fa_token: '1'.repeat(65) }],
    [{ token: 'x', two_fa_token: '12345\u0000' }],
  ])('refuses the body %j with 422', async (body) => {
    expect((await on.app.send('POST', '/auth/2fa/login', { body })).status).toBe(422)
  })

  it('refuses a form with 415', async () => {
    const body = new URLSearchParams({ token: 'x', two_fa_token: '123456' })
    expect((await on.app.send('POST', '/auth/2fa/login', { body })).status).toBe(415)
  })

  it('has one 401 for every reason, and opens nothing', async () => {
    const { app } = on
    const { secret } = member()
    const other = await createTwoFactorMember(app)
    const unfinished = await signIn(app, await createMember(app)).then((session) =>
      setUpTwoFactor(app, session),
    )
    const before = await sessionsOf(app, member())
    const refusals = `action = 'sign_in.second_factor' and result = 'refused'`
    const audited = await countStored(app, 'audit_events', refusals)
    const answers: Record<string, Answer> = {}
    const code = () => codeAt(app, secret)

    answers.unknown = await finishSignIn(app, { token: 'x'.repeat(43), code: code() })
    answers.malformed = await finishSignIn(app, { token: '😀 "', code: code() })
    answers.accessToken = await finishSignIn(app, { token: other.accessToken, code: code() })
    let token = await beginSignIn(app, member())
    answers.wrong = await finishSignIn(app, { token, code: wrongCode(app, secret) })
    answers.codeOfAnother = await finishSignIn(app, { token, code: codeAt(app, other.secret) })
    answers.backupCodeOfAnother = await finishSignIn(app, { token, code: other.backupCodes[0] })
    answers.unfinished = await finishSignIn(app, { token, code: unfinished.backupCodes[0] })
    token = await beginSignIn(app, member())
    answers.early = await finishSignIn(app, { token, code: codeAt(app, secret, 2) })
    answers.late = await finishSignIn(app, { token, code: codeAt(app, secret, -2) })
    answers.tokenOfAnother = await finishSignIn(app, { token: await beginSignIn(app, other), code: code() })
    token = await beginSignIn(app, member())
    app.clock.advance(5 * MINUTE)
    answers.expired = await finishSignIn(app, { token, code: code() })
    token = await beginSignIn(app, member())
    expect((await finishSignIn(app, { token, code: code() })).status).toBe(200)
    nextCode(app)
    answers.used = await finishSignIn(app, { token, code: code() })

    const bodies = Object.values(answers).map(({ body }) => JSON.stringify({ ...body, instance: '' }))
    expect(new Set(bodies).size).toBe(1)
    for (const [reason, { status, headers, body }] of Object.entries(answers)) {
      expect({ reason, status }).toEqual({ reason, status: 401 })
      expect(headers.get('www-authenticate')).toBe('Bearer')
      expect(headers.get('set-cookie')).toBeNull()
      expect(body.type).toBe('urn:outcry:problem:accounts.second_factor_incorrect')
    }
    expect(await countStored(app, 'audit_events', refusals)).toBe(audited + bodies.length)
    expect(await sessionsOf(app, member())).toBe(before + 1)
    app.clock.advance(31 * MINUTE)
  })

  it.each([
    ['a space before', (code: string) => ` ${code}`],
    ['a space after', (code: string) => `${code} `],
    ['a line end', (code: string) => `${code}\n`],
    ['a space inside', (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`],
    ['Arabic digits', (code: string) => code.replace(/\d/g, (digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)] ?? '')],
    [
      'fullwidth digits',
      (code: string) => code.replace(/\d/g, (digit) => '０１２３４５６７８９'[Number(digit)] ?? ''),
    ],
  ])('takes no code with %s', async (_what, spell) => {
    const { app } = on
    const token = await beginSignIn(app, member())
    const code = codeAt(app, member().secret)
    expect((await finishSignIn(app, { token, code: spell(code) })).status).toBe(401)
    expect((await finishSignIn(app, { token, code })).status).toBe(200)
    nextCode(app)
  })

  it.each([-1, 0, 1])('opens a session with the code of step %i', async (drift) => {
    const { app } = on
    app.clock.advance(2 * MINUTE)
    const token = await beginSignIn(app, member())
    const { status, headers, body } = await finishSignIn(app, {
      token,
      code: codeAt(app, member().secret, drift),
    })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type'])
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 1800 })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(claimsOf(body.access_token)).toMatchObject({ sub: member().id, amr: ['pwd', 'otp'] })
    const me = await app.send('GET', '/auth/me', { token: String(body.access_token) })
    expect(me.body).toMatchObject({ id: member().id, two_factor_enabled: true })
    app.clock.advance(2 * MINUTE)
  })

  it('takes a code once, and none that is older than one that was used', async () => {
    const { app } = on
    const { secret } = member()
    app.clock.advance(2 * MINUTE)
    const tokens = [await beginSignIn(app, member()), await beginSignIn(app, member())]
    const code = codeAt(app, secret)
    expect((await finishSignIn(app, { token: tokens[0], code })).status).toBe(200)
    expect((await finishSignIn(app, { token: tokens[1], code })).status).toBe(401)
    expect((await finishSignIn(app, { token: tokens[1], code: codeAt(app, secret, -1) })).status).toBe(401)
    expect((await finishSignIn(app, { token: tokens[1], code: codeAt(app, secret, 1) })).status).toBe(200)
    nextCode(app)
    const third = await beginSignIn(app, member())
    expect((await finishSignIn(app, { token: third, code: codeAt(app, secret) })).status).toBe(401)
    nextCode(app)
    expect((await finishSignIn(app, { token: third, code: codeAt(app, secret) })).status).toBe(200)
    app.clock.advance(31 * MINUTE)
  })

  it('takes a backup code once, however it is spelled, and says by mail how many are left', async () => {
    const { app } = on
    const { id, email, backupCodes } = member()
    await app.settle()
    app.mail.clear()
    const [first = '', second = ''] = backupCodes
    const opened = await finishSignIn(app, { token: await beginSignIn(app, member()), code: first })
    expect(opened.status).toBe(200)
    expect(claimsOf(opened.body.access_token)).toMatchObject({ amr: ['pwd', 'kba'] })
    const spelled = second.replaceAll('-', '').toLowerCase()
    expect((await finishSignIn(app, { token: await beginSignIn(app, member()), code: spelled })).status).toBe(
      200,
    )
    for (const code of [first, second, spelled]) {
      expect((await finishSignIn(app, { token: await beginSignIn(app, member()), code })).status).toBe(401)
    }
    expect(await countStored(app, 'recovery_codes', `user_id = '${id}' and used_at is null`)).toBe(8)
    await app.settle()
    const mails = app.mail.to(email).map(({ text }) => text)
    expect(mails).toHaveLength(2)
    expect(mails[0]).toContain('backup code was used')
    expect(mails.join()).toContain('9 are left')
    expect(mails.join()).toContain('8 are left')
    for (const mail of mails) for (const code of backupCodes) expect(mail).not.toContain(code)
    app.clock.advance(31 * MINUTE)
  })

  it('leaves an audit entry that names member, session, factor and address', async () => {
    const { app } = on
    const token = await beginSignIn(app, member())
    await finishSignIn(app, { token, code: wrongCode(app, member().secret) })
    const { headers } = await finishSignIn(app, { token, code: codeAt(app, member().secret) })
    const entries = await storedRows(app, 'audit_events', `object_id = '${member().id}'`)
    const [refused, opened] = entries.sort((a, b) => Number(a.seq) - Number(b.seq)).slice(-2)
    expect(refused).toMatchObject({ action: 'sign_in.second_factor', result: 'refused', actor_id: null })
    expect(JSON.stringify(refused?.details)).toContain('wrong')
    const requestId = headers.get('x-request-id')
    expect(opened).toMatchObject({
      action: 'sign_in.second_factor',
      result: 'ok',
      actor_id: member().id,
      factor: 'pwd otp',
      address: '127.0.0.1',
      request_id: requestId,
    })
    const open = await storedRows(app, 'sessions', `id = '${String(opened?.session_id)}'`)
    expect(open).toHaveLength(1)
    nextCode(app)
  })

  it.each(['suspended', 'banned', 'inactive'] as const)(
    'is closed to who is %s since the first step',
    async (status) => {
      const { app } = on
      const token = await beginSignIn(app, member())
      await changeMember(app, member().id, { status })
      const code = codeAt(app, member().secret)
      expect((await finishSignIn(app, { token, code })).status).toBe(401)
      await changeMember(app, member().id, { status: 'active' })
      expect((await finishSignIn(app, { token, code })).status).toBe(200)
      nextCode(app)
    },
  )

  it('is over when the password or the factor has changed since the first step', async () => {
    const { app } = on
    const someone = await createTwoFactorMember(app)
    const [one, two] = [await beginSignIn(app, someone), await beginSignIn(app, someone)]
    await app.app.accounts.admin.setPassword(someone.username, 'a password set anew')
    expect((await finishSignIn(app, { token: one, code: codeAt(app, someone.secret) })).status).toBe(401)
    const changed = { ...someone, password: 'a password set anew' }
    const three = await beginSignIn(app, changed)
    await app.app.accounts.admin.disableTwoFactor(someone.username)
    const again = await enableTwoFactor(app, await signIn(app, changed))
    nextCode(app)
    for (const token of [two, three]) {
      for (const secret of [someone.secret, again.secret]) {
        expect((await finishSignIn(app, { token, code: codeAt(app, secret) })).status).toBe(401)
      }
    }
    expect(await sessionsOf(app, someone)).toBe(1)
  })
})

forEachApp('a password sign-in of a member with a second factor', {}, (on) => {
  it('answers a token for the second step and nothing that opens anything', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const before = await sessionsOf(app, member)
    const form = { body: new URLSearchParams({ username: member.email, password: member.password }) }
    const answers = [await tryToSignIn(app, member.username), await app.send('POST', '/auth/login', form)]
    for (const { status, headers, body } of answers) {
      expect(status).toBe(200)
      expect(body).toEqual({
        access_token: '',
        refresh_token: '',
        token_type: 'bearer',
        expires_in: 300,
        two_factor_required: true,
        two_factor_token: expect.stringMatching(/^[\w-]{43}$/),
      })
      expect(headers.get('set-cookie')).toBeNull()
      expect(headers.get('cache-control')).toBe('no-store')
    }
    expect(await sessionsOf(app, member)).toBe(before)
    const [user] = await storedRows(app, 'users', `id = '${member.id}'`)
    expect(user?.login_count).toBe(1)

    const token = String(answers[0]?.body.two_factor_token)
    for (const path of ['/auth/me', '/users', '/auth/sessions']) {
      expect((await app.send('GET', path, { token })).status).toBe(401)
    }
    for (const path of ['/auth/2fa/setup', '/auth/2fa/backup-codes', '/auth/reauthenticate']) {
      expect((await app.send('POST', path, { token, body: {} })).status).toBe(401)
    }
    const post = async (path: string, body: object) => (await app.send('POST', path, { body })).status
    expect(await post('/auth/refresh', { refresh_token: token })).toBe(401)
    expect(await post('/auth/verify-email', { token })).toBe(400)
    expect(await post('/auth/password-reset/confirm', { token, new_password: 'a password set anew' })).toBe(
      400,
    )
    const code = codeAt(app, member.secret)
    expect((await finishSignIn(app, { token, code })).status).toBe(200)
  })

  it('keeps the digest of the token only, and what the audit log says of it', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const token = await beginSignIn(app, member)
    const rows = await storedRows(app, 'pending_sign_ins', `user_id = '${member.id}'`)
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(token)
    expect(rows[0]).toMatchObject({ browser_hash: null, used_at: null })
    const entries = await storedRows(app, 'audit_events', `object_id = '${member.id}' and session_id is null`)
    const last = entries.sort((a, b) => Number(a.seq) - Number(b.seq)).at(-1)
    expect(last).toMatchObject({ action: 'sign_in.password', result: 'ok', factor: 'pwd', actor_id: null })
    expect(JSON.stringify(last?.details)).toContain('needed')
  })

  it('belongs to the browser that began it', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const body = { username_or_email: member.username, password: member.password }
    const begin = () => app.send('POST', '/auth/login/json', { body, headers: BROWSER })
    const first = await begin()
    const token = first.body.two_factor_token
    expect(first.headers.get('set-cookie')).toMatch(
      /^__Host-outcry-flow=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=300$/,
    )
    const cookie = cookieOf(first)
    const elsewhere = cookieOf(await begin())
    expect(elsewhere).not.toBe(cookie)
    const code = codeAt(app, member.secret)
    for (const headers of [
      {},
      BROWSER,
      { ...BROWSER, cookie: elsewhere },
      { ...BROWSER, cookie: `${cookie}x` },
    ]) {
      expect((await finishSignIn(app, { token, code, headers })).status).toBe(401)
    }
    const other = await beginSignIn(app, member)
    expect((await finishSignIn(app, { token, code, headers: { ...BROWSER, cookie } })).status).toBe(200)
    nextCode(app)
    const anywhere = { token: other, code: codeAt(app, member.secret), headers: { ...BROWSER, cookie } }
    expect((await finishSignIn(app, anywhere)).status).toBe(200)
  })

  it('lets two tabs of one browser finish', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const form = () => new URLSearchParams({ username: member.username, password: member.password })
    const one = await app.send('POST', '/auth/login', { body: form(), headers: BROWSER })
    const headers = { ...BROWSER, cookie: cookieOf(one) }
    const two = await app.send('POST', '/auth/login', { body: form(), headers })
    expect(cookieOf(two)).toBe(headers.cookie)
    for (const { body } of [one, two]) {
      const step = { token: body.two_factor_token, code: codeAt(app, member.secret), headers }
      expect((await finishSignIn(app, step)).status).toBe(200)
      nextCode(app)
    }
  })

  it('sets no cookie for who has no second factor', async () => {
    const { username, password } = await createMember(on.app)
    const body = { username_or_email: username, password }
    const { headers } = await on.app.send('POST', '/auth/login/json', { body, headers: BROWSER })
    expect(headers.get('set-cookie')).toBeNull()
  })
})

describe('POST /auth/2fa/login under its limit', () => {
  it('takes ten a minute from one address', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    const attempt = () => finishSignIn(app, { token: 'x', code: '123456' })
    for (let n = 0; n < 10; n++) expect((await attempt()).status).toBe(401)
    const refused = await attempt()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    app.clock.advance(MINUTE + 1)
    expect((await attempt()).status).toBe(401)
  })
})
