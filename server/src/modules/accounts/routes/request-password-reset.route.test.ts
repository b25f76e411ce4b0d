import { pages } from '@outcry/contract/pages'
import { expect, it } from 'vitest'
import { HOUR } from '../../../platform/durations.ts'
import {
  changeMember,
  createMember,
  createSignedInMember,
  registerMember,
  storePasswordHash,
} from '../../../testing/factories.ts'
import { type Answer, forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows, storedText } from '../../../testing/stored-rows.ts'

const ask = async (app: TestApp, email: unknown, headers = {}) => {
  const answer = await app.send('POST', '/auth/password-reset', { body: { email }, headers })
  app.clock.advance(1)
  return answer
}

/** What a client sees, bar what is its own request's. */
const seen = ({ status, headers, text }: Answer): string => {
  const shown = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name))
  return JSON.stringify([status, shown, text])
}

forEachApp('POST /auth/password-reset', {}, (on) => {
  const asked = (id: string) =>
    storedRows(on.app, 'audit_events', `object_id = '${id}' and action = 'account.password_reset_asked'`)
  const mailsTo = async (email: string) => {
    await on.app.settle()
    return on.app.mail.to(email).filter(({ subject }) => subject.startsWith('Set a new password'))
  }

  it.each([[undefined], [null], [7], [['a@b.c']], ['ab'], [`${'x'.repeat(256)}`]])(
    'refuses %j with 422 and queues nothing',
    async (email) => {
      const before = await countStored(on.app, 'jobs')
      const { status, body } = await ask(on.app, email)
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.email' }])
      expect(await countStored(on.app, 'jobs')).toBe(before)
    },
  )

  it('C6: answers every address with the same bytes after the same work, and mails only those who may use it', async () => {
    const { app } = on
    const active = await createMember(app)
    const passwordless = await createMember(app)
    await storePasswordHash(app, passwordless.id, null)
    const pending = await registerMember(app)
    const closed = await Promise.all(
      (['suspended', 'banned', 'inactive'] as const).map(async (status) => {
        const member = await createMember(app)
        await changeMember(app, member.id, { status })
        return member
      }),
    )
    await app.settle()
    const nobody = [
      'nobody@example.test',
      'not an address',
      'ключ@пример.рф',
      active.username,
      `${'x'.repeat(255)}`,
    ]
    const emails = [active, passwordless, pending, ...closed].map(({ email }) => email)
    const answers = new Set<string>()
    for (const email of [...emails, ...nobody]) {
      const jobs = await countStored(app, 'jobs')
      const audits = await countStored(app, 'audit_events')
      answers.add(seen(await ask(app, email)))
      expect(await countStored(app, 'jobs')).toBe(jobs + 1)
      expect(await countStored(app, 'audit_events')).toBe(audits)
      expect(await countStored(app, 'password_reset_tokens')).toBe(0)
    }
    expect([...answers]).toHaveLength(1)
    const [answer = ''] = answers
    expect(answer).toContain('[202,')
    expect(answer).toContain('success')
    const sent = app.mail.sent.length
    for (const { email } of [active, passwordless, pending]) expect(await mailsTo(email)).toHaveLength(1)
    for (const { email } of closed) expect(await mailsTo(email)).toEqual([])
    expect(app.mail.sent).toHaveLength(sent + 3)
    expect(await asked(active.id)).toMatchObject([{ result: 'ok', address: '127.0.0.1', actor_id: null }])
    for (const { id } of closed) expect(await asked(id)).toMatchObject([{ result: 'refused' }])
    const unknown = `object_id is null and action = 'account.password_reset_asked'`
    expect(await countStored(app, 'audit_events', unknown)).toBe(nobody.length)
  })

  it.each([
    ['\u0001\u0007bell@x.test'],
    ['\u202etset.x@b'],
    ['\uffff\ufdd0@x'],
    ["' or 1=1 --"],
    ['%@%'],
    ['ﷺ'.repeat(255)],
  ])('answers %j like any other, and leaves no work that fails', async (email) => {
    const { app } = on
    expect((await ask(app, email)).status).toBe(202)
    const sent = app.mail.sent.length
    await app.settle()
    expect(app.mail.sent).toHaveLength(sent)
    expect(await countStored(app, 'jobs', `kind = 'accounts.send_link'`)).toBe(0)
  })

  it('finds the account however its address is written', async () => {
    const { app } = on
    const { email } = await createMember(app)
    await ask(app, email.toUpperCase().replace('@', '＠'))
    expect(await mailsTo(email)).toHaveLength(1)
  })

  it('C22: mails a link to the configured address, whatever Host the request names', async () => {
    const { app } = on
    const { email } = await createMember(app)
    const hostile = {
      'x-forwarded-host': 'evil.test',
      forwarded: 'host=evil.test',
      referer: 'http://evil.test',
    }
    expect((await ask(app, email, hostile)).status).toBe(202)
    const [mail] = await mailsTo(email)
    expect(mail?.text).toMatch(/http:\/\/localhost:4000\/reset#token=[\w-]{43}\b/)
    expect(`${mail?.text}${mail?.html}`).not.toContain('evil.test')
    expect(pages).toContain('/reset')
  })

  it('C21: keeps neither the token nor the address that was asked for where either could be read', async () => {
    const { app } = on
    const { id, email } = await createMember(app)
    await ask(app, 'somebody.secret@example.test')
    await ask(app, email)
    expect(await storedText(app)).not.toContain('somebody.secret@')
    const [mail] = await mailsTo(email)
    const token = /#token=([\w-]{43})/.exec(mail?.text ?? '')?.[1] ?? 'none'
    const stored = await storedText(app)
    expect(stored).not.toContain(token)
    expect(stored).not.toContain('somebody.secret@')
    const [row] = await storedRows(app, 'password_reset_tokens', `user_id = '${id}'`)
    expect(row?.token_hash).toHaveLength(32)
    expect(app.logged.join('')).not.toContain(token)
    expect(app.logged.join('')).not.toContain('somebody.secret@')
  })

  it('C10: mails an account three times an hour, on however many nodes, without saying so', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const { id, email } = await createMember(app)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n % 2 ? app : other, email)))
    expect(new Set(answers.map(seen)).size).toBe(1)
    await Promise.all([app.settle(), other.settle()])
    expect(await mailsTo(email)).toHaveLength(3)
    expect((await asked(id)).filter(({ result }) => result === 'ok')).toHaveLength(3)
    expect(await asked(id)).toHaveLength(20)
    app.clock.advance(HOUR)
    await ask(app, email)
    expect(await mailsTo(email)).toHaveLength(4)
  })

  it('leaves password and sessions as they are', async () => {
    const { app } = on
    const { id, email, accessToken } = await createSignedInMember(app)
    const [before] = await storedRows(app, 'users', `id = '${id}'`)
    await ask(app, email)
    await app.settle()
    expect((await storedRows(app, 'users', `id = '${id}'`))[0]).toEqual(before)
    expect((await app.send('GET', '/auth/me', { token: accessToken })).status).toBe(200)
  })

  it('mails once the mail provider is back', async () => {
    const { app } = on
    const { email } = await createMember(app)
    app.mail.failWith(new Error('The provider is down.'))
    expect((await ask(app, email)).status).toBe(202)
    await app.settle()
    app.mail.failWith(undefined)
    app.clock.advance(10_000)
    expect(await mailsTo(email)).toHaveLength(1)
  })
})

forEachApp('POST /auth/password-reset from one address', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('C10: is taken ten times an hour', async () => {
    for (let n = 0; n < 10; n++) expect((await ask(on.app, `n${n}@example.test`)).status).toBe(202)
    const { status, headers } = await ask(on.app, 'another@example.test')
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_000)
    on.app.clock.advance(HOUR)
    expect((await ask(on.app, 'another@example.test')).status).toBe(202)
  })
})
