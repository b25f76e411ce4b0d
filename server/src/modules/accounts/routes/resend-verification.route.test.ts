import { expect, it } from 'vitest'
import { HOUR } from '../../../platform/durations.ts'
import {
  changeMember,
  createMember,
  registerMember,
  verificationTokenFor,
} from '../../../testing/factories.ts'
import { type Answer, forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const resend = async (app: TestApp, email: unknown) => {
  const answer = await app.send('POST', '/auth/verify-email/resend', { body: { email } })
  app.clock.advance(1)
  return answer
}
const seen = ({ status, headers, text }: Answer): string => {
  const shown = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name))
  return JSON.stringify([status, shown, text])
}

forEachApp('POST /auth/verify-email/resend', {}, (on) => {
  const verify = async (token: string) =>
    (await on.app.send('POST', '/auth/verify-email', { body: { token } })).status
  const mailsTo = async (email: string) => {
    await on.app.settle()
    return on.app.mail.to(email)
  }

  it.each([[undefined], [null], [7], ['ab'], ['x'.repeat(256)]])(
    'refuses %j with 422 and queues nothing',
    async (email) => {
      const before = await countStored(on.app, 'jobs')
      const { status, body } = await resend(on.app, email)
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.email' }])
      expect(await countStored(on.app, 'jobs')).toBe(before)
    },
  )

  it('C6: answers every address with the same bytes after the same work, and mails pending members alone', async () => {
    const { app } = on
    const pending = await registerMember(app)
    const others = await Promise.all(
      (['active', 'suspended', 'banned', 'inactive'] as const).map(async (status) => {
        const member = await createMember(app)
        await changeMember(app, member.id, { status })
        return member.email
      }),
    )
    expect(await mailsTo(pending.email)).toHaveLength(1)
    app.mail.clear()
    const answers = new Set<string>()
    for (const email of [pending.email, ...others, 'nobody@example.test', 'not an address']) {
      const jobs = await countStored(app, 'jobs')
      answers.add(seen(await resend(app, email)))
      expect(await countStored(app, 'jobs')).toBe(jobs + 1)
    }
    expect([...answers]).toHaveLength(1)
    expect([...answers][0]).toContain('[200,')
    expect(await mailsTo(pending.email)).toHaveLength(1)
    expect(app.mail.sent).toHaveLength(1)
    const asked = `action = 'account.verification_asked'`
    expect(await storedRows(app, 'audit_events', `${asked} and result = 'ok'`)).toMatchObject([
      { object_id: pending.id, address: '127.0.0.1' },
    ])
    expect(await countStored(app, 'audit_events', `${asked} and result = 'refused'`)).toBe(6)
  })

  it('mails a link that works, and the one before works no more', async () => {
    const { app } = on
    const { id, email } = await registerMember(app)
    const first = await verificationTokenFor(app, email)
    await resend(app, email)
    const second = await verificationTokenFor(app, email)
    expect(second).not.toBe(first)
    expect(await verify(first)).toBe(400)
    expect(await verify(second)).toBe(200)
    expect((await storedRows(app, 'users', `id = '${id}'`))[0]?.status).toBe('active')
  })

  it('C10: mails an account three times an hour, on however many nodes, without saying so', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const { email } = await registerMember(app)
    await app.settle()
    app.mail.clear()
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => resend(n % 2 ? app : other, email)),
    )
    expect(new Set(answers.map(seen)).size).toBe(1)
    await Promise.all([app.settle(), other.settle()])
    expect(await mailsTo(email)).toHaveLength(3)
    app.clock.advance(HOUR)
    await resend(app, email)
    expect(await mailsTo(email)).toHaveLength(4)
  })
})

forEachApp('POST /auth/verify-email/resend from one address', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('is taken ten times an hour', async () => {
    for (let n = 0; n < 10; n++) expect((await resend(on.app, `n${n}@example.test`)).status).toBe(200)
    expect((await resend(on.app, 'another@example.test')).status).toBe(429)
  })
})
