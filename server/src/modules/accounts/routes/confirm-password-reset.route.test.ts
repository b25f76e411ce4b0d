import { expect, it, vi } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../platform/durations.ts'
import { BusyError } from '../../../platform/work-gate.ts'
import {
  changeMember,
  createMember,
  createSignedInMember,
  type Member,
  registerMember,
  resetTokenFor,
  signIn,
  storePasswordHash,
  tryToSignIn,
  verificationTokenFor,
} from '../../../testing/factories.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const NEXT = 'a sentence nobody else would think of'
const WRONG = 'not the password at all'

const confirm = (app: TestApp, token: unknown, new_password: unknown = NEXT) =>
  app.send('POST', '/auth/password-reset/confirm', { body: { token, new_password } })
const me = async (app: TestApp, token: string) => (await app.send('GET', '/auth/me', { token })).status
const signInStatus = async (app: TestApp, { username }: { username: string }, password: string) =>
  (await tryToSignIn(app, username, password)).status
const rowOf = async (app: TestApp, id: string) => (await storedRows(app, 'users', `id = '${id}'`))[0]
const entries = (app: TestApp, id: string) =>
  storedRows(app, 'audit_events', `object_id = '${id}' and action = 'account.password_reset'`)

forEachApp('POST /auth/password-reset/confirm', {}, (on) => {
  const withLink = async () => {
    const member = await createMember(on.app)
    return { ...member, link: await resetTokenFor(on.app, member.email) }
  }

  it.each([['A'.repeat(43)], ['nonsense'], ['ключ 🔑']])(
    'refuses %s with 400, notes it and hashes nothing',
    async (token) => {
      const { app } = on
      const hash = vi.spyOn(app.app.platform.hasher, 'hash')
      const refused = `action = 'account.password_reset' and result = 'refused'`
      const before = await countStored(app, 'audit_events', refused)
      const { status, body } = await confirm(app, token)
      expect(status).toBe(400)
      expect(body.type).toBe('urn:outcry:problem:accounts.token_invalid')
      expect(await countStored(app, 'audit_events', refused)).toBe(before + 1)
      expect(hash).not.toHaveBeenCalled()
      hash.mockRestore()
    },
  )

  it.each([[''], ['x'.repeat(2_049)], [7], [null], [undefined], [['a']]])(
    'refuses the token %j with 422',
    async (token) => {
      const { status, body } = await confirm(on.app, token)
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.token' }])
    },
  )

  it('refuses every other kind of token', async () => {
    const { app } = on
    const pending = await registerMember(app)
    const { id, accessToken, refreshToken } = await createSignedInMember(app)
    const before = await rowOf(app, id)
    for (const token of [accessToken, refreshToken, await verificationTokenFor(app, pending.email)]) {
      const { status } = await confirm(app, token)
      expect([400, 422]).toContain(status)
    }
    expect(await rowOf(app, id)).toEqual(before)
  })

  it('C21: changes nothing by GET', async () => {
    const { id, link } = await withLink()
    const before = await rowOf(on.app, id)
    expect((await on.app.send('GET', `/auth/password-reset/confirm?token=${link}`)).status).toBe(405)
    await fetch(`${on.app.url}/reset?token=${link}`) // the page, whether it was built or not
    expect(await rowOf(on.app, id)).toEqual(before)
    expect((await confirm(on.app, link)).status).toBe(200)
  })

  it('C21: takes a token for ten minutes, once', async () => {
    const { app } = on
    const early = await withLink()
    const late = await withLink()
    app.clock.advance(10 * MINUTE - 2)
    expect((await confirm(app, early.link)).status).toBe(200)
    expect((await confirm(app, early.link)).status).toBe(400)
    app.clock.advance(2)
    expect((await confirm(app, late.link)).status).toBe(400)
    expect(await signInStatus(app, late, NEXT)).toBe(401)
  })

  it('C3: leaves the link good when the rules refuse the password, naming the reason', async () => {
    const { app } = on
    const { link, username, email } = await withLink()
    for (const bad of [
      'password1234',
      'elevenchars',
      `${username} and more`,
      `xx${email}`,
      'x'.repeat(257),
      '',
    ]) {
      const { status, body } = await confirm(app, link, bad)
      expect({ bad, status }).toEqual({ bad, status: 422 })
      expect(body.errors).toMatchObject([{ path: 'body.new_password' }])
    }
    expect((await confirm(app, link)).status).toBe(200)
  })

  it('leaves the link good when the server has no time to hash', async () => {
    const { app } = on
    const { link } = await withLink()
    const hash = vi.spyOn(app.app.platform.hasher, 'hash').mockRejectedValue(new BusyError(2))
    const { status, headers } = await confirm(app, link)
    expect({ status, after: headers.get('retry-after') }).toEqual({ status: 503, after: '2' })
    hash.mockRestore()
    expect((await confirm(app, link)).status).toBe(200)
  })

  it('C21: sets the password, ends every session and other link, tells the member, and signs nobody in', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const there = await signIn(app, member)
    const stranger = await createSignedInMember(app)
    const strangersLink = await resetTokenFor(app, stranger.email)
    const older = await resetTokenFor(app, member.email)
    const link = await resetTokenFor(app, member.email)
    const answer = await confirm(app, link)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ success: true, message: expect.any(String), data: null })
    expect(answer.headers.get('set-cookie')).toBeNull()
    for (const { accessToken, refreshToken } of [member, there]) {
      expect(await me(app, accessToken)).toBe(401)
      expect(
        (await app.send('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })).status,
      ).toBe(401)
    }
    expect((await confirm(app, older, 'yet another long sentence')).status).toBe(400)
    expect(await countStored(app, 'sessions', `user_id = '${member.id}' and revoked_at is null`)).toBe(0)
    expect(await signInStatus(app, member, member.password)).toBe(401)
    expect(await signInStatus(app, member, NEXT)).toBe(200)
    expect(await me(app, stranger.accessToken)).toBe(200)
    expect((await confirm(app, strangersLink)).status).toBe(200)
    await app.settle()
    const notices = app.mail
      .to(member.email)
      .filter(({ text }) => text.includes('your password was set anew'))
    expect(notices).toHaveLength(1)
    expect(notices[0]?.text).not.toMatch(/https?:/)
    const ok = (await entries(app, member.id)).filter(({ result }) => result === 'ok')
    expect(ok).toMatchObject([{ actor_id: member.id, session_id: null }])
  })

  it('lets every link of its ten minutes work until one is used', async () => {
    const { app } = on
    const { email } = await createMember(app)
    const first = await resetTokenFor(app, email)
    const second = await resetTokenFor(app, email)
    expect((await confirm(app, first)).status).toBe(200)
    expect((await confirm(app, second)).status).toBe(400)
  })

  it('C21: neither skips nor switches off two-factor sign-in', async () => {
    const { app } = on
    const { id, link } = await withLink()
    await changeMember(app, id, { two_factor_enabled: true })
    expect((await confirm(app, link)).status).toBe(200)
    expect((await rowOf(app, id))?.two_factor_enabled).toBeTruthy()
    expect(await countStored(app, 'sessions', `user_id = '${id}'`)).toBe(0)
  })

  it('C9: opens a locked password again', async () => {
    const { app } = on
    const member = await createMember(app)
    for (let n = 0; n < 10; n++) {
      await tryToSignIn(app, member.username, WRONG)
      app.clock.advance(30 * SECOND)
    }
    expect(await signInStatus(app, member, member.password)).toBe(401)
    expect((await confirm(app, await resetTokenFor(app, member.email))).status).toBe(200)
    expect(await signInStatus(app, member, NEXT)).toBe(200)
  })

  it('gives a member without a password one', async () => {
    const { app } = on
    const { id, link, ...member } = await withLink()
    await storePasswordHash(app, id, null)
    expect((await confirm(app, link)).status).toBe(200)
    expect(await signInStatus(app, member, NEXT)).toBe(200)
  })

  it('C23: verifies a pending account and wipes what was there before: password, sessions, links', async () => {
    const { app } = on
    const squatter = await signIn(app, await registerMember(app))
    const oldLink = await verificationTokenFor(app, squatter.email)
    expect((await confirm(app, await resetTokenFor(app, squatter.email))).status).toBe(200)
    const row = await rowOf(app, squatter.id)
    expect(row?.status).toBe('active')
    expect(row?.email_verified_at).not.toBeNull()
    expect(await me(app, squatter.accessToken)).toBe(401)
    expect(await signInStatus(app, squatter, squatter.password)).toBe(401)
    expect((await app.send('POST', '/auth/verify-email', { body: { token: oldLink } })).status).toBe(400)
    expect(await signInStatus(app, squatter, NEXT)).toBe(200)
  })

  it.each(['suspended', 'banned', 'inactive'] as const)(
    'refuses a member who is %s by now, and opens nothing',
    async (status) => {
      const { app } = on
      const { id, link } = await withLink()
      await changeMember(app, id, { status })
      const before = await rowOf(app, id)
      expect((await confirm(app, link)).status).toBe(400)
      expect(await rowOf(app, id)).toEqual(before)
      expect(await entries(app, id)).toMatchObject([{ result: 'refused' }])
    },
  )

  it('lets one of thirty uses at once on two nodes succeed', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const { id, link } = await withLink()
    const made = await app.app.platform.hasher.hash(NEXT)
    for (const node of [app, other]) vi.spyOn(node.app.platform.hasher, 'hash').mockResolvedValue(made)
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => confirm(n % 2 ? app : other, link)),
    )
    vi.restoreAllMocks()
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(29).fill(400)])
    const results = (await entries(app, id)).map(({ result }) => result)
    expect(results.filter((result) => result === 'ok')).toHaveLength(1)
    expect(results.length).toBeGreaterThan(0)
    await app.settle()
    expect(app.mail.sent.filter(({ text }) => text.includes('set anew'))).not.toEqual([])
  })

  it('lets one of three links of a member win when all are used at once, and stays out of circles', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member: Member = await registerMember(app)
    const verification = await verificationTokenFor(app, member.email)
    const links = []
    for (let n = 0; n < 3; n++) links.push(await resetTokenFor(app, member.email))
    const made = await app.app.platform.hasher.hash(NEXT)
    for (const node of [app, other]) vi.spyOn(node.app.platform.hasher, 'hash').mockResolvedValue(made)
    const [verified, ...answers] = await Promise.all([
      app.send('POST', '/auth/verify-email', { body: { token: verification } }),
      ...[...links, ...links, ...links].map((link, n) => confirm(n % 2 ? app : other, link)),
    ])
    vi.restoreAllMocks()
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(8).fill(400)])
    expect([200, 400]).toContain(verified.status)
    expect((await rowOf(app, member.id))?.status).toBe('active')
  })
})

forEachApp(
  'POST /auth/password-reset/confirm from one address',
  { env: { OUTCRY_RATE_LIMITS: 'on' } },
  (on) => {
    it('is taken ten times a minute', async () => {
      for (let n = 0; n < 10; n++) expect((await confirm(on.app, 'nonsense')).status).toBe(400)
      expect((await confirm(on.app, 'nonsense')).status).toBe(429)
      on.app.clock.advance(HOUR)
      expect((await confirm(on.app, 'nonsense')).status).toBe(400)
    })
  },
)
