import { expect, it, vi } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { BusyError } from '../../../platform/work-gate.ts'
import {
  createSignedInMember,
  PASSWORD,
  registerMember,
  resetTokenFor,
  type SignedInMember,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const NEXT = 'a sentence nobody else would think of'
const WRONG = 'not the password at all'

const change = (app: TestApp, token: string | undefined, body: unknown) =>
  app.send('PUT', '/users/me/password', { ...(token ? { token } : {}), body })
const changeTo = (app: TestApp, { accessToken, password }: SignedInMember, new_password: string) =>
  change(app, accessToken, { current_password: password, new_password })
const guess = (app: TestApp, member: SignedInMember) => changeTo(app, { ...member, password: WRONG }, NEXT)
const me = async (app: TestApp, token: string) => (await app.send('GET', '/auth/me', { token })).status
const signInStatus = async (app: TestApp, { username }: { username: string }, password: string) =>
  (await tryToSignIn(app, username, password)).status
const hashOf = async (app: TestApp, id: string) =>
  (await storedRows(app, 'users', `id = '${id}'`))[0]?.password_hash
const entries = (app: TestApp, id: string) =>
  storedRows(app, 'audit_events', `object_id = '${id}' and action = 'account.password_changed'`)

forEachApp('PUT /users/me/password', {}, (on) => {
  const expectUnchanged = async ({ id, accessToken }: SignedInMember, hash: unknown) => {
    expect(await hashOf(on.app, id)).toBe(hash)
    expect(await me(on.app, accessToken)).toBe(200)
  }

  it('refuses who is not signed in with 401, and pending members with 403', async () => {
    const { app } = on
    const body = { current_password: PASSWORD, new_password: NEXT }
    expect((await change(app, undefined, body)).status).toBe(401)
    expect((await change(app, 'nonsense', body)).status).toBe(401)
    const pending = await signIn(app, await registerMember(app))
    const hash = await hashOf(app, pending.id)
    expect((await change(app, pending.accessToken, body)).status).toBe(403)
    await expectUnchanged(pending, hash)
  })

  it('refuses what is no password with 422', async () => {
    const member = await createSignedInMember(on.app)
    const hash = await hashOf(on.app, member.id)
    for (const [body, path] of [
      [{ new_password: NEXT }, 'body.current_password'],
      [{ current_password: PASSWORD }, 'body.new_password'],
      [{ current_password: PASSWORD, new_password: '' }, 'body.new_password'],
      [{ current_password: PASSWORD, new_password: 'x'.repeat(257) }, 'body.new_password'],
      [{ current_password: [PASSWORD], new_password: NEXT }, 'body.current_password'],
    ] as const) {
      const answer = await change(on.app, member.accessToken, body)
      expect(answer.status).toBe(422)
      expect(answer.body.errors).toMatchObject([{ path }])
    }
    await expectUnchanged(member, hash)
  })

  it('C3: refuses what the rules refuse with the reason, and counts none of it as a failure', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const hash = await hashOf(app, member.id)
    const refused = [
      'password1234',
      'elevenchars',
      `${member.username} and more`,
      `xx${member.email}`,
      PASSWORD,
    ]
    for (const bad of [...refused, ...refused, ...refused]) {
      const { status, body } = await changeTo(app, member, bad)
      expect({ bad, status }).toEqual({ bad, status: 422 })
      expect(body.type).toBe('urn:outcry:problem:accounts.password_refused')
      expect(body.errors).toMatchObject([{ path: 'body.new_password' }])
      expect(String(body.detail)).not.toContain(bad)
    }
    await expectUnchanged(member, hash)
    expect(await signInStatus(app, member, PASSWORD)).toBe(200)
  })

  it('refuses a wrong and a locked password with the same 400, and changes nothing', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const hash = await hashOf(app, member.id)
    const bodies = new Set<string>()
    for (let n = 0; n < 10; n++) {
      const { status, body } = await guess(app, member)
      expect(status).toBe(400)
      bodies.add(JSON.stringify({ ...body, instance: '' }))
      app.clock.advance(30 * SECOND)
    }
    const locked = await changeTo(app, member, NEXT)
    expect(locked.status).toBe(400)
    bodies.add(JSON.stringify({ ...locked.body, instance: '' }))
    expect([...bodies]).toHaveLength(1)
    expect([...bodies][0]).toContain('accounts.password_wrong')
    await expectUnchanged(member, hash)
    expect(await signInStatus(app, member, PASSWORD)).toBe(401)
    const details = JSON.stringify((await entries(app, member.id)).map((entry) => entry.details))
    expect(details).toContain('wrong')
    expect(details).toContain('locked')
    app.clock.advance(15 * MINUTE)
    const fresh = await signIn(app, member)
    expect((await changeTo(app, fresh, NEXT)).status).toBe(200)
  })

  it('changes nothing when the session ends while the password is proven', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const there = await signIn(app, member)
    const hash = await hashOf(app, member.id)
    const { hasher } = app.app.platform
    const verify = vi.spyOn(hasher, 'verify').mockImplementationOnce(async () => {
      const out = await app.send('POST', '/auth/logout', { token: there.accessToken, body: { all: true } })
      return out.status === 200
    })
    const { status, body } = await changeTo(app, member, NEXT)
    verify.mockRestore()
    expect([status, body.code]).toEqual([400, 'accounts.password_wrong'])
    expect(await hashOf(app, member.id)).toBe(hash)
    expect(await signInStatus(app, member, PASSWORD)).toBe(200)
    expect((await entries(app, member.id)).map(({ result }) => result)).toEqual(['refused'])
  })

  it('sets the new password and ends every other session at once, but not this one', async () => {
    const { app } = on
    const here = await createSignedInMember(app)
    const there = await signIn(app, here)
    const stranger = await createSignedInMember(app)
    const link = await resetTokenFor(app, here.email)
    app.mail.clear()
    const { status, body } = await changeTo(app, here, NEXT)
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: expect.stringContaining('password'), data: null })
    expect(await me(app, here.accessToken)).toBe(200)
    expect(await me(app, there.accessToken)).toBe(401)
    for (const [{ refreshToken }, expected] of [
      [there, 401],
      [here, 200],
    ] as const) {
      const answer = await app.send('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })
      expect(answer.status).toBe(expected)
    }
    expect(await me(app, stranger.accessToken)).toBe(200)
    const reset = { token: link, new_password: 'one more sentence of somebody' }
    expect((await app.send('POST', '/auth/password-reset/confirm', { body: reset })).status).toBe(400)
    expect(await signInStatus(app, here, PASSWORD)).toBe(401)
    expect(await signInStatus(app, here, NEXT)).toBe(200)
    await app.settle()
    const [notice] = app.mail.to(here.email).filter(({ text }) => text.includes('password was changed'))
    expect(notice?.text).not.toMatch(/https?:/)
    expect(await entries(app, here.id)).toMatchObject([{ result: 'ok', actor_id: here.id }])
    expect(
      await countStored(app, 'sessions', `user_id = '${here.id}' and revocation_reason = 'password'`),
    ).toBe(1)
  })

  it('forgets failed tries', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    for (let n = 0; n < 4; n++) await guess(app, member)
    expect((await changeTo(app, member, NEXT)).status).toBe(200)
    for (let n = 0; n < 4; n++) await guess(app, member)
    expect((await changeTo(app, { ...member, password: NEXT }, PASSWORD)).status).toBe(200)
  })

  it('answers 503 when the server has no time to hash, and counts none of it', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const hash = vi.spyOn(app.app.platform.hasher, 'hash').mockRejectedValue(new BusyError(2))
    for (let n = 0; n < 6; n++) {
      const { status, headers } = await changeTo(app, member, NEXT)
      expect({ status, after: headers.get('retry-after') }).toEqual({ status: 503, after: '2' })
    }
    hash.mockRestore()
    expect((await changeTo(app, member, NEXT)).status).toBe(200)
  })

  it('lets one of sixteen changes at once on two nodes succeed', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await createSignedInMember(app)
    const made = await app.app.platform.hasher.hash(NEXT)
    for (const { app: node } of [app, other]) {
      vi.spyOn(node.platform.hasher, 'hash').mockResolvedValue(made)
      vi.spyOn(node.platform.hasher, 'verify').mockImplementation(async (stored) => stored !== made)
    }
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => changeTo(n % 2 ? app : other, member, NEXT)),
    )
    vi.restoreAllMocks()
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(15).fill(400)])
    const results = (await entries(app, member.id)).map(({ result }) => result)
    expect(results.filter((result) => result === 'ok')).toHaveLength(1)
    expect(results).toHaveLength(16)
    expect(await me(app, member.accessToken)).toBe(200)
  })

  it('leaves no session open that the old password opened while it was being changed', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await createSignedInMember(app)
    const made = await app.app.platform.hasher.hash(NEXT)
    vi.spyOn(app.app.platform.hasher, 'hash').mockResolvedValue(made)
    const [changed, ...signedIn] = await Promise.all([
      changeTo(app, member, NEXT),
      ...Array.from({ length: 4 }, () => tryToSignIn(other, member.username, PASSWORD)),
    ])
    vi.restoreAllMocks()
    expect(changed.status).toBe(200)
    for (const { status, body } of signedIn) {
      if (status === 200) await expect.poll(() => me(other, String(body.access_token))).toBe(401)
    }
    expect(await countStored(app, 'sessions', `user_id = '${member.id}' and revoked_at is null`)).toBe(1)
  })
})

forEachApp('PUT /users/me/password from one account', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('is taken ten times a minute', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    for (let n = 0; n < 10; n++) expect((await change(on.app, accessToken, {})).status).toBe(422)
    expect((await change(on.app, accessToken, {})).status).toBe(429)
  })
})
