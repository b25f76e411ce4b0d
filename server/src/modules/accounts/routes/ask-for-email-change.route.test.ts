import { expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeEmail,
  changeMember,
  createMember,
  createSignedInMember,
  emailChangeTokenFor,
  newEmail,
  registerMember,
  type SignedInMember,
  signIn,
} from '../../../testing/factories.ts'
import { type Answer, forEachApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows, storedText } from '../../../testing/stored-rows.ts'

const ask = (app: TestApp, { accessToken: token }: Pick<SignedInMember, 'accessToken'>, email: unknown) =>
  app.send('POST', '/users/me/email', { token, body: { email } })
const confirm = (app: TestApp, token: string) =>
  app.send('POST', '/auth/email-change/confirm', { body: { token } })

/** What a client sees, bar what is its own request's. */
const seen = ({ status, headers, text }: Answer): string => {
  const shown = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name))
  return JSON.stringify([status, shown, text])
}

forEachApp('POST /users/me/email', {}, (on) => {
  const pending = (id: string) => storedRows(on.app, 'email_change_tokens', `user_id = '${id}'`)
  const entries = (id: string) =>
    storedRows(on.app, 'audit_events', `object_id = '${id}' and action = 'account.email_change_asked'`)
  const emailOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]?.email
  const mailsTo = async (email: string) => {
    await on.app.settle()
    return on.app.mail.to(email)
  }

  it('refuses nobody, pending and suspended members, and a session that was not proven in the last five minutes', async () => {
    const { app } = on
    const email = newEmail()
    expect((await app.send('POST', '/users/me/email', { body: { email } })).status).toBe(401)
    const waiting = await signIn(app, await registerMember(app))
    expect((await ask(app, waiting, email)).status).toBe(403)
    const suspended = await createSignedInMember(app)
    await changeMember(app, suspended.id, { status: 'suspended' })
    expect((await ask(app, suspended, email)).status).toBe(403)
    const member = await createSignedInMember(app)
    app.clock.advance(6 * MINUTE)
    const stale = await ask(app, member, email)
    expect([stale.status, stale.body.code]).toEqual([401, 'http.insufficient_user_authentication'])
    for (const { id } of [waiting, suspended, member]) expect(await pending(id)).toEqual([])
    expect(await mailsTo(email)).toEqual([])
  })

  it.each([[undefined], [null], [7], ['ab'], ['x'.repeat(256)], ['no address'], ['a@b'], ['a\u200b@b.test']])(
    'refuses %j with 422 and mails nothing',
    async (email) => {
      const { app } = on
      const member = await createSignedInMember(app)
      await app.settle()
      const sent = app.mail.sent.length
      const { status, body } = await ask(app, member, email)
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.email' }])
      await app.settle()
      expect(app.mail.sent).toHaveLength(sent)
      expect(await pending(member.id)).toEqual([])
    },
  )

  it('refuses the address that one has, however it is written', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { status, body } = await ask(app, member, member.email.toUpperCase())
    expect([status, body.code]).toEqual([400, 'accounts.email_same'])
    expect(await pending(member.id)).toEqual([])
  })

  it('mails a link to the new address and a notice to the old, and changes nothing yet', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const email = newEmail()
    const answer = await ask(app, member, email.toUpperCase().replace('@', '＠'))
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({ success: true, message: expect.any(String), data: null })
    const [mail, ...others] = await mailsTo(email)
    expect(others).toEqual([])
    expect(mail?.text).toMatch(/http:\/\/localhost:4000\/email-change#token=[\w-]{43}\b/)
    const [notice] = await mailsTo(member.email)
    expect(notice?.text).toContain('somebody asked to change the address of the account')
    expect(notice?.text).not.toMatch(/https?:/)
    expect(notice?.text).not.toContain(email)
    expect(await emailOf(member.id)).toBe(member.email)
    expect(await pending(member.id)).toMatchObject([{ email }])
    expect(await entries(member.id)).toMatchObject([{ result: 'ok', actor_id: member.id }])
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).body.email).toBe(member.email)
  })

  it('keeps the token nowhere where it could be read, and no address in the audit log', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const email = newEmail()
    const token = await emailChangeTokenFor(app, member, email)
    expect(await storedText(app)).not.toContain(token)
    expect(app.logged.join('')).not.toContain(token)
    expect(app.logged.join('')).not.toContain(email)
    const [row] = await pending(member.id)
    expect(row?.token_hash).toHaveLength(32)
    expect(JSON.stringify(await storedRows(app, 'audit_events'))).not.toContain(email)
  })

  it('C6: answers alike for a free, a taken and a held address after the same work, and mails no link to those that are not free', async () => {
    const { app } = on
    const owner = await createMember(app)
    const mover = await createSignedInMember(app)
    await changeEmail(app, mover, newEmail())
    const unproven = await registerMember(app)
    const answers = new Set<string>()
    for (const email of [newEmail(), owner.email, unproven.email, mover.email]) {
      const member = await createSignedInMember(app)
      await app.settle()
      const counts = async () => [
        await countStored(app, 'jobs'),
        await countStored(app, 'audit_events'),
        await countStored(app, 'email_change_tokens'),
      ]
      const [jobs = 0, audits = 0, tokens = 0] = await counts()
      answers.add(seen(await ask(app, member, email)))
      expect(await counts()).toEqual([jobs + 2, audits + 1, tokens + 1])
    }
    expect(answers.size).toBe(1)
    for (const email of [owner.email, unproven.email, mover.email]) {
      const [mail] = await mailsTo(email)
      expect(mail?.subject).toContain('This address is in use')
      expect(mail?.text).not.toContain('token=')
    }
  })

  it('ends what was asked for before, and what somebody else asked for stays', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const stranger = await createSignedInMember(app)
    const [one, two, three] = [newEmail(), newEmail(), newEmail()]
    const other = await emailChangeTokenFor(app, stranger, three)
    const first = await emailChangeTokenFor(app, member, one)
    const second = await emailChangeTokenFor(app, member, two)
    expect(await pending(member.id)).toHaveLength(1)
    expect((await confirm(app, first)).status).toBe(400)
    expect(await emailOf(member.id)).toBe(member.email)
    expect((await confirm(app, second)).status).toBe(200)
    expect(await emailOf(member.id)).toBe(two)
    expect((await confirm(app, other)).status).toBe(200)
  })

  it('leaves one request of sixteen at once', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const emails = Array.from({ length: 16 }, newEmail)
    const answers = await Promise.all(emails.map((email) => ask(app, member, email)))
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(202))
    expect(await pending(member.id)).toHaveLength(1)
  })
})

forEachApp('POST /users/me/email, again and again', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('counts nobody who has yet to prove who they are', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    app.clock.advance(6 * MINUTE)
    for (let n = 0; n < 3; n++) expect((await ask(app, member, newEmail())).status).toBe(401)
    expect((await ask(app, await signIn(app, member), newEmail())).status).toBe(202)
    app.clock.advance(HOUR)
  })

  it('C10: is taken three times an hour from one account, and ten from one address', async () => {
    const { app } = on
    const [member, ...others] = await Promise.all(Array.from({ length: 4 }, () => createSignedInMember(app)))
    const asking = async (who: SignedInMember | undefined) => {
      if (!who) throw new Error('There is nobody to ask.')
      return (await ask(app, who, newEmail())).status
    }
    for (let n = 0; n < 3; n++) expect(await asking(member)).toBe(202)
    expect(await asking(member)).toBe(429)
    const answers: number[] = []
    for (const other of others) for (let n = 0; n < 3; n++) answers.push(await asking(other))
    expect(answers.filter((status) => status === 202)).toHaveLength(6)
    app.clock.advance(HOUR)
    expect(await asking(await signIn(app, member ?? (await createMember(app))))).toBe(202)
  })
})
