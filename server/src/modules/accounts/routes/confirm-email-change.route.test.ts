import { pages } from '@outcry/contract/pages'
import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeEmail,
  changeMember,
  createPersonalToken,
  createSignedInMember,
  emailChangeTokenFor,
  newEmail,
  newUsername,
  PASSWORD,
  resetTokenFor,
  type SignedInMember,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { type Answer, forEachApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows, storedText } from '../../../testing/stored-rows.ts'

const confirm = (app: TestApp, token: unknown) =>
  app.send('POST', '/auth/email-change/confirm', { body: { token } })
const me = async (app: TestApp, token: string) => (await app.send('GET', '/auth/me', { token })).status

forEachApp('POST /auth/email-change/confirm', {}, (on) => {
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]
  const entries = (id: string) =>
    storedRows(on.app, 'audit_events', `object_id = '${id}' and action = 'account.email_changed'`)
  const asked = async () => {
    const member = await createSignedInMember(on.app)
    const email = newEmail()
    return { ...member, next: email, link: await emailChangeTokenFor(on.app, member, email) }
  }
  const register = (email: string) =>
    on.app.send('POST', '/auth/register', { body: { username: newUsername(), email, password: PASSWORD } })

  it.each([['A'.repeat(43)], ['nonsense'], ['ключ 🔑']])(
    'refuses %s with 400 and notes it',
    async (token) => {
      const { app } = on
      const refused = `action = 'account.email_changed' and result = 'refused'`
      const before = await countStored(app, 'audit_events', refused)
      const { status, body } = await confirm(app, token)
      expect([status, body.code]).toEqual([400, 'accounts.token_invalid'])
      expect(await countStored(app, 'audit_events', refused)).toBe(before + 1)
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
    const member = await createSignedInMember(app)
    const undo = await changeEmail(app, member, newEmail())
    const before = await rowOf(member.id)
    const reset = await resetTokenFor(app, String(before?.email))
    for (const token of [member.accessToken, member.refreshToken, reset, undo])
      expect([400, 422]).toContain((await confirm(app, token)).status)
    expect(await rowOf(member.id)).toEqual(before)
  })

  it('changes nothing by GET', async () => {
    const { app } = on
    const { id, link } = await asked()
    const before = await rowOf(id)
    expect((await app.send('GET', `/auth/email-change/confirm?token=${link}`)).status).toBe(405)
    await fetch(`${app.url}/email-change?token=${link}`)
    expect(pages).toContain('/email-change')
    expect(await rowOf(id)).toEqual(before)
    expect((await confirm(app, link)).status).toBe(200)
  })

  it('takes a token for ten minutes, once', async () => {
    const { app } = on
    const early = await asked()
    const late = await asked()
    app.clock.advance(10 * MINUTE - 2)
    expect((await confirm(app, early.link)).status).toBe(200)
    expect((await confirm(app, early.link)).status).toBe(400)
    app.clock.advance(2)
    expect((await confirm(app, late.link)).status).toBe(400)
    expect((await rowOf(late.id))?.email).toBe(late.email)
  })

  it('C23: changes the address, keeps the session that asked, ends every other and what was mailed, and mails the old address a link to undo it', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const there = await signIn(app, member)
    const program = await createPersonalToken(app, member, { scopes: ['account:read'] })
    const stranger = await createSignedInMember(app)
    const reset = await resetTokenFor(app, member.email)
    const next = newEmail()
    const link = await emailChangeTokenFor(app, member, next)
    const answer = await confirm(app, link)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ success: true, message: expect.any(String), data: null })
    expect(await rowOf(member.id)).toMatchObject({ email: next, status: 'active' })
    expect((await rowOf(member.id))?.email_verified_at).not.toBeNull()

    expect(await me(app, member.accessToken)).toBe(200)
    expect(await me(app, program.token)).toBe(200)
    expect(await me(app, there.accessToken)).toBe(401)
    expect(await me(app, stranger.accessToken)).toBe(200)
    const refresh = { body: { refresh_token: there.refreshToken } }
    expect((await app.send('POST', '/auth/refresh', refresh)).status).toBe(401)
    const old = { body: { token: reset, new_password: 'a sentence nobody would think of' } }
    expect((await app.send('POST', '/auth/password-reset/confirm', old)).status).toBe(400)
    expect((await tryToSignIn(app, member.email)).status).toBe(401)
    expect((await tryToSignIn(app, next)).status).toBe(200)

    await app.settle()
    const [mail] = app.mail.to(member.email)
    const undo = /http:\/\/localhost:4000\/email-change\/undo#token=([\w-]{43})\b/.exec(mail?.text ?? '')?.[1]
    expect(undo).toBeDefined()
    expect(mail?.text).not.toContain(next)
    expect(await storedText(app)).not.toContain(undo ?? 'none')
    expect(pages).toContain('/email-change/undo')
    expect(await entries(member.id)).toMatchObject([{ result: 'ok', actor_id: member.id }])
    expect(JSON.stringify(await entries(member.id))).not.toContain(next)
    expect(await countStored(app, 'email_change_tokens', `user_id = '${member.id}'`)).toBe(0)
  })

  it('refuses an address that somebody got first, says so, and ends nothing', async () => {
    const { app } = on
    const one = await asked()
    expect((await register(one.next)).status).toBe(201)
    const before = await rowOf(one.id)
    const { status, body } = await confirm(app, one.link)
    expect([status, body.code]).toEqual([400, 'accounts.email_taken'])
    expect(await rowOf(one.id)).toEqual(before)
    expect(await me(app, one.accessToken)).toBe(200)
    expect(await countStored(app, 'email_undo_tokens', `user_id = '${one.id}'`)).toBe(0)
    expect(await entries(one.id)).toMatchObject([{ result: 'refused' }])
  })

  it('keeps the address of before for its member for 72 hours, from who registers and from who changes', async () => {
    const { app } = on
    const mover = await createSignedInMember(app)
    const other = await createSignedInMember(app)
    const wanted = mover.email
    await changeEmail(app, mover, newEmail())
    app.clock.advance(72 * HOUR - 1)
    const refused = await register(wanted)
    expect([refused.status, refused.body.code]).toEqual([400, 'accounts.email_taken'])
    expect(await countStored(app, 'users', `email = '${wanted}'`)).toBe(0)
    const operators = { username: newUsername(), email: wanted, password: PASSWORD, displayName: null }
    await expect(app.app.accounts.admin.create(operators)).rejects.toThrow('An account with this email')
    app.clock.advance(1)
    const link = await emailChangeTokenFor(app, await signIn(app, other), wanted)
    expect((await confirm(app, link)).status).toBe(200)
    expect((await rowOf(other.id))?.email).toBe(wanted)
  })

  it('gives a member back themselves what they had before', async () => {
    const { app } = on
    const mover = await createSignedInMember(app)
    await changeEmail(app, mover, newEmail())
    await changeEmail(app, mover, mover.email)
    expect((await rowOf(mover.id))?.email).toBe(mover.email)
  })

  it('refuses what is held for another member by now', async () => {
    const { app } = on
    const mover = await createSignedInMember(app)
    const late = await createSignedInMember(app)
    const wanted = newEmail()
    const link = await emailChangeTokenFor(app, late, wanted)
    await changeEmail(app, mover, wanted)
    await changeEmail(app, mover, newEmail())
    const { status, body } = await confirm(app, link)
    expect([status, body.code]).toEqual([400, 'accounts.email_taken'])
    expect((await rowOf(late.id))?.email).toBe(late.email)
    expect(await me(app, late.accessToken)).toBe(200)
  })

  it.each(['suspended', 'banned', 'inactive', 'pending_verification'] as const)(
    'refuses a member who is %s by now, and changes nothing',
    async (status) => {
      const { app } = on
      const { id, link } = await asked()
      await changeMember(app, id, { status })
      const before = await rowOf(id)
      expect((await confirm(app, link)).status).toBe(400)
      expect(await rowOf(id)).toEqual(before)
      expect(await entries(id)).toMatchObject([{ result: 'refused' }])
    },
  )

  const ends: [string, (owner: SignedInMember, thief: SignedInMember) => Promise<Answer>][] = [
    [
      'the member ended it from another device',
      async ({ accessToken: token }, { accessToken }) => {
        const { body } = await on.app.send('GET', '/auth/sessions', { token: accessToken })
        const [current] = (body.items as { id: string; current: boolean }[]).filter((item) => item.current)
        return on.app.send('DELETE', `/auth/sessions/${current?.id}`, { token })
      },
    ],
    ['it was signed out', (_owner, { accessToken: token }) => on.app.send('POST', '/auth/logout', { token })],
    [
      'its token was used twice',
      async (_owner, { refreshToken: refresh_token }) => {
        await on.app.send('POST', '/auth/refresh', { body: { refresh_token } })
        on.app.clock.advance(MINUTE)
        await on.app.send('POST', '/auth/refresh', { body: { refresh_token } })
        return on.app.send('GET', '/auth/sessions')
      },
    ],
  ]

  it.each(ends)('C34: ends with the session that asked, when %s', async (_how, end) => {
    const { app } = on
    const owner = await createSignedInMember(app)
    const thief = await signIn(app, owner)
    const link = await emailChangeTokenFor(app, thief, newEmail())
    await end(owner, thief)
    expect(await me(app, thief.accessToken)).toBe(401)
    const before = await rowOf(owner.id)
    const { status, body } = await confirm(app, link)
    expect([status, body.code]).toEqual([400, 'accounts.token_invalid'])
    expect(await rowOf(owner.id)).toEqual(before)
    expect(await me(app, owner.accessToken)).toBe(200)
    expect(await countStored(app, 'email_undo_tokens', `user_id = '${owner.id}'`)).toBe(0)
    expect(await entries(owner.id)).toMatchObject([{ result: 'refused' }])
  })

  it('is taken by nobody after the member has set a new password', async () => {
    const { app } = on
    const { id, link, accessToken, password, email } = await asked()
    const body = { current_password: password, new_password: 'a sentence nobody would think of' }
    expect((await app.send('PUT', '/users/me/password', { token: accessToken, body })).status).toBe(200)
    expect((await confirm(app, link)).status).toBe(400)
    expect((await rowOf(id))?.email).toBe(email)
  })
})

forEachApp(
  'POST /auth/email-change/confirm from one address',
  { env: { OUTCRY_RATE_LIMITS: 'on' } },
  (on) => {
    it('is taken ten times a minute', async () => {
      for (let n = 0; n < 10; n++) expect((await confirm(on.app, 'nonsense')).status).toBe(400)
      expect((await confirm(on.app, 'nonsense')).status).toBe(429)
      on.app.clock.advance(MINUTE)
      expect((await confirm(on.app, 'nonsense')).status).toBe(400)
    })
  },
)
