import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeEmail,
  changeMember,
  createPersonalToken,
  createSignedInMember,
  emailChangeTokenFor,
  newEmail,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { addPasskey, tryPasskeyLogin } from '../../../testing/passkeys.ts'
import { forEachApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const NEXT = 'a sentence nobody else would think of'

const undo = (app: TestApp, token: unknown) =>
  app.send('POST', '/auth/email-change/undo', { body: { token } })
const me = async (app: TestApp, token: string) => (await app.send('GET', '/auth/me', { token })).status

forEachApp('POST /auth/email-change/undo', {}, (on) => {
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]
  const entries = (id: string) =>
    storedRows(on.app, 'audit_events', `object_id = '${id}' and action = 'account.email_change_undone'`)
  const moved = async () => {
    const member = await createSignedInMember(on.app)
    const next = newEmail()
    return { ...member, next, link: await changeEmail(on.app, member, next) }
  }
  const textsTo = async (email: string) => {
    await on.app.settle()
    return on.app.mail.to(email).map(({ text }) => text)
  }

  it.each([['A'.repeat(43)], ['nonsense'], ['ключ 🔑']])(
    'refuses %s with 400 and notes it',
    async (token) => {
      const { app } = on
      const refused = `action = 'account.email_change_undone' and result = 'refused'`
      const before = await countStored(app, 'audit_events', refused)
      const { status, body } = await undo(app, token)
      expect([status, body.code]).toEqual([400, 'accounts.token_invalid'])
      expect(await countStored(app, 'audit_events', refused)).toBe(before + 1)
    },
  )

  it.each([[''], ['x'.repeat(2_049)], [7], [null], [undefined], [['a']]])(
    'refuses the token %j with 422',
    async (token) => {
      const { status, body } = await undo(on.app, token)
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.token' }])
    },
  )

  it('refuses the token that changes an address, and changes nothing by GET', async () => {
    const { app } = on
    const { id, link, ...member } = await moved()
    const before = await rowOf(id)
    const change = await emailChangeTokenFor(app, member, newEmail())
    expect((await undo(app, change)).status).toBe(400)
    expect((await app.send('GET', `/auth/email-change/undo?token=${link}`)).status).toBe(405)
    await fetch(`${app.url}/email-change/undo?token=${link}`)
    expect(await rowOf(id)).toEqual(before)
  })

  it('C23: takes a token for 72 hours, once', async () => {
    const { app } = on
    const early = await moved()
    const late = await moved()
    app.clock.advance(72 * HOUR - 2)
    expect((await undo(app, early.link)).status).toBe(200)
    expect((await undo(app, early.link)).status).toBe(400)
    app.clock.advance(2)
    expect((await undo(app, late.link)).status).toBe(400)
    expect((await rowOf(early.id))?.email).toBe(early.email)
    expect((await rowOf(late.id))?.email).toBe(late.next)
  })

  it('C23: restores the address, ends every session, token and link, trusts no password of the time since, and has a new one set', async () => {
    const { app } = on
    const { id, link, next, ...member } = await moved()
    const program = await createPersonalToken(app, member, { scopes: ['account:read'] })
    const change = { current_password: member.password, new_password: NEXT }
    const changed = await app.send('PUT', '/users/me/password', { token: member.accessToken, body: change })
    expect(changed.status).toBe(200)
    const there = await signIn(app, { ...member, id, password: NEXT })
    const another = await emailChangeTokenFor(app, there, newEmail())
    const bystander = await createSignedInMember(app)

    const answer = await undo(app, link)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ success: true, message: expect.any(String), data: null })
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(await rowOf(id)).toMatchObject({ email: member.email, password_hash: null, status: 'active' })
    for (const token of [member.accessToken, there.accessToken, program.token])
      expect(await me(app, token)).toBe(401)
    expect(await me(app, bystander.accessToken)).toBe(200)
    expect(await countStored(app, 'sessions', `user_id = '${id}' and revoked_at is null`)).toBe(0)
    const confirmed = await app.send('POST', '/auth/email-change/confirm', { body: { token: another } })
    expect(confirmed.status).toBe(400)
    for (const password of [member.password, NEXT])
      for (const name of [member.username, member.email, next])
        expect((await tryToSignIn(app, name, password)).status).toBe(401)

    const texts = await textsTo(member.email)
    expect(texts.filter((text) => text.includes('a change of your address was undone'))).toHaveLength(1)
    expect((await textsTo(next)).filter((text) => text.includes('was undone'))).toHaveLength(1)
    const reset = texts.flatMap((text) => /\/reset#token=([\w-]{43})/.exec(text)?.[1] ?? [])
    expect(reset).toHaveLength(1)
    const body = { token: reset[0], new_password: 'yet another long sentence' }
    expect((await app.send('POST', '/auth/password-reset/confirm', { body })).status).toBe(200)
    expect((await tryToSignIn(app, member.email, body.new_password)).status).toBe(200)
    expect(await entries(id)).toMatchObject([{ result: 'ok', actor_id: id, session_id: null }])
  })

  it('takes passkeys away that were added since, and leaves those of before', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const own = await addPasskey(app, member)
    app.clock.advance(MINUTE)
    const link = await changeEmail(app, member, newEmail())
    app.clock.advance(MINUTE)
    const added = await addPasskey(app, member)
    expect((await undo(app, link)).status).toBe(200)
    expect(await storedRows(app, 'passkeys', `user_id = '${member.id}'`)).toMatchObject([{ id: own.id }])
    expect((await tryPasskeyLogin(app, added.authenticator)).status).toBe(401)
    expect((await tryPasskeyLogin(app, own.authenticator)).status).toBe(200)
  })

  it('neither skips nor switches off two-factor sign-in', async () => {
    const { app } = on
    const { id, link } = await moved()
    await changeMember(app, id, { two_factor_enabled: true })
    expect((await undo(app, link)).status).toBe(200)
    expect((await rowOf(id))?.two_factor_enabled).toBeTruthy()
    expect(await countStored(app, 'sessions', `user_id = '${id}' and revoked_at is null`)).toBe(0)
  })

  it('undoes a chain by its oldest link, which kills the later ones and frees their addresses', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const [second, third] = [newEmail(), newEmail()]
    const oldest = await changeEmail(app, member, second)
    const later = await changeEmail(app, member, third)
    expect((await undo(app, oldest)).status).toBe(200)
    expect((await rowOf(member.id))?.email).toBe(member.email)
    expect((await undo(app, later)).status).toBe(400)
    expect((await rowOf(member.id))?.email).toBe(member.email)
    expect(await countStored(app, 'email_undo_tokens', `user_id = '${member.id}'`)).toBe(0)
    const other = await createSignedInMember(app)
    for (const email of [second, third]) await changeEmail(app, other, email)
  })

  it('leaves the oldest link of a chain good when a later one was used first', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const second = newEmail()
    const oldest = await changeEmail(app, member, second)
    const later = await changeEmail(app, member, newEmail())
    expect((await undo(app, later)).status).toBe(200)
    expect((await rowOf(member.id))?.email).toBe(second)
    expect((await undo(app, oldest)).status).toBe(200)
    expect((await rowOf(member.id))?.email).toBe(member.email)
  })

  it.each(['suspended', 'banned', 'inactive'] as const)(
    'restores the address of a member who is %s by now, opens nothing and mails no link',
    async (status) => {
      const { app } = on
      const { id, link, email } = await moved()
      await changeMember(app, id, { status })
      expect((await undo(app, link)).status).toBe(200)
      expect(await rowOf(id)).toMatchObject({ email, status, password_hash: null })
      expect((await textsTo(email)).filter((text) => text.includes('/reset#'))).toEqual([])
    },
  )

  it('is worth nothing after the account was deleted', async () => {
    const { app } = on
    const { id, link, accessToken, email } = await moved()
    await emailChangeTokenFor(app, { accessToken }, newEmail())
    expect((await app.send('DELETE', `/users/${id}`, { token: accessToken })).status).toBe(200)
    const before = await rowOf(id)
    expect((await undo(app, link)).status).toBe(400)
    expect(await rowOf(id)).toEqual(before)
    expect(await countStored(app, 'users', `email = '${email}'`)).toBe(0)
    for (const table of ['email_undo_tokens', 'email_change_tokens'])
      expect(await countStored(app, table, `user_id = '${id}'`)).toBe(0)
    await changeEmail(app, await createSignedInMember(app), email)
  })
})

forEachApp('POST /auth/email-change/undo from one address', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('is taken ten times a minute', async () => {
    for (let n = 0; n < 10; n++) expect((await undo(on.app, 'nonsense')).status).toBe(400)
    expect((await undo(on.app, 'nonsense')).status).toBe(429)
    on.app.clock.advance(MINUTE)
    expect((await undo(on.app, 'nonsense')).status).toBe(400)
  })
})
