import { describe, expect, it } from 'vitest'
import type { Dialect } from '../../../platform/db/index.ts'
import { DAY, HOUR } from '../../../platform/durations.ts'
import { createMember, PASSWORD, tryToSignIn, USER_FULL_FIELDS } from '../../../testing/factories.ts'
import { startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows, storedText } from '../../../testing/stored-rows.ts'

const account = { username: 'Ada', email: 'Ada@Example.test', password: PASSWORD, full_name: 'Ada L' }
const setUp = (app: TestApp, token: unknown, patch = {}) =>
  app.send('POST', '/auth/setup', { body: { token, ...account, ...patch } })
const offer = async ({ app }: TestApp): Promise<string> => {
  const token = await app.accounts.offerSetup()
  if (token === undefined) throw new Error('Nothing was offered.')
  return token
}
const refusedAs = (code: string) => `urn:outcry:problem:${code}`

describe.each<Dialect>(['sqlite', 'postgres'])('POST /auth/setup on %s', (dialect) => {
  it('refuses every token until one is offered, and every other one after that, leaving nobody', async () => {
    await using app = await startTestApp({ dialect })
    expect((await setUp(app, 'x'.repeat(43))).status).toBe(400)
    const token = await offer(app)
    const flipped = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`
    for (const wrong of [flipped, `${token} `, token.slice(1), 'x', ` ${token}`]) {
      const { status, body } = await setUp(app, wrong)
      expect(status).toBe(400)
      expect(body.type).toBe(refusedAs('accounts.token_invalid'))
    }
    for (const wrong of ['', undefined, null, 7, 'x'.repeat(2_049)]) {
      expect((await setUp(app, wrong)).status).toBe(422)
    }
    expect(await countStored(app, 'users')).toBe(0)
    const refusals = await storedRows(app, 'audit_events', `action = 'account.set_up'`)
    expect(refusals).toHaveLength(6)
    for (const entry of refusals) expect(entry).toMatchObject({ result: 'refused', address: '127.0.0.1' })
  })

  it.each([
    [{ username: 'ab' }, 422, 'http.validation_failed'],
    [{ username: 'search' }, 422, 'accounts.username_reserved'],
    [{ email: 'nonsense' }, 422, 'accounts.email_invalid'],
    [{ password: 'password1234' }, 422, 'accounts.password_refused'],
    [{ username: 'TAKEN' }, 400, 'accounts.username_taken'],
    [{ email: 'taken@example.test' }, 400, 'accounts.email_taken'],
  ])('holds to the rules for accounts and keeps the token: %j', async (patch, status, code) => {
    await using app = await startTestApp({ dialect })
    await createMember(app, { username: 'taken' })
    const token = await offer(app)
    const refused = await setUp(app, token, patch)
    expect([refused.status, refused.body.type]).toEqual([status, refusedAs(code)])
    expect(await countStored(app, 'users')).toBe(1)
    expect((await setUp(app, token)).status).toBe(201)
  })

  it('makes an active account of the highest role, once', async () => {
    await using app = await startTestApp({ dialect })
    const token = await offer(app)
    const { status, body, text } = await setUp(app, token, { role: 'user', status: 'banned' })
    expect(status).toBe(201)
    expect(Object.keys(body).sort()).toEqual([...USER_FULL_FIELDS].sort())
    expect(body).toMatchObject({ username: 'Ada', email: 'ada@example.test', display_name: 'Ada L' })
    expect(body).toMatchObject({ role: 'super_admin', status: 'active' })
    expect(body.email_verified_at).toBe(app.clock.now().toISOString())
    expect(text).not.toContain(PASSWORD)
    expect((await tryToSignIn(app, 'ada')).status).toBe(200)
    expect((await setUp(app, token, { username: 'eve', email: 'eve@example.test' })).status).toBe(400)
    expect(await app.app.accounts.offerSetup()).toBeUndefined()
    expect(await countStored(app, 'users')).toBe(1)
    const [entry] = await storedRows(app, 'audit_events', `action = 'account.set_up' and result = 'ok'`)
    expect(entry).toMatchObject({ actor_id: body.id, object_id: body.id })
    await app.settle()
    expect(app.mail.sent).toEqual([])
  })

  it('may use the names of the operator', async () => {
    await using app = await startTestApp({ dialect })
    expect((await setUp(app, await offer(app), { username: 'admin' })).status).toBe(201)
  })

  it('refuses the token once anybody administrates, however they came to it', async () => {
    await using app = await startTestApp({ dialect })
    const token = await offer(app)
    await createMember(app, { role: 'admin' })
    expect((await setUp(app, token)).status).toBe(400)
    expect(await countStored(app, 'users')).toBe(1)
  })

  it('takes the newest token alone, of whichever node, for a day', async () => {
    await using app = await startTestApp({ dialect })
    await using other = await startTestApp({ dialect, beside: app })
    const old = await offer(app)
    const token = await offer(other)
    expect((await setUp(app, old)).status).toBe(400)
    app.clock.advance(DAY)
    expect((await setUp(app, token)).status).toBe(400)
    const again = await offer(other)
    app.clock.advance(DAY - 1)
    expect((await setUp(app, again)).status).toBe(201)
  })

  it('makes one account for twenty who ask at once on two nodes', async () => {
    await using app = await startTestApp({ dialect })
    await using other = await startTestApp({ dialect, beside: app })
    const token = await offer(app)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        setUp(n % 2 ? app : other, token, { username: `ada_${n}`, email: `ada${n}@example.test` }),
      ),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const { status } of answers) expect([201, 400, 503]).toContain(status)
    expect(await countStored(app, 'users')).toBe(1)
  })

  it('is found neither in the database nor in the log', async () => {
    await using app = await startTestApp({ dialect })
    const token = await offer(app)
    expect(await storedText(app)).not.toContain(token)
    expect((await setUp(app, token)).status).toBe(201)
    expect(await storedText(app)).not.toContain(token)
    expect(app.logged.join('\n')).not.toContain(token)
  })

  it('is void after a restore', async () => {
    await using app = await startTestApp({ dialect })
    const token = await offer(app)
    const { voidProofs } = await import('../void-proofs.ts')
    await app.app.platform.db.withSystem((tx) => voidProofs(tx, app.clock))
    expect((await setUp(app, token)).status).toBe(400)
  })

  it('C10: lets ten tries in from one address in an hour', async () => {
    await using app = await startTestApp({ dialect, env: { OUTCRY_RATE_LIMITS: 'on' } })
    for (let n = 0; n < 10; n++) expect((await setUp(app, `wrong${n}`)).status).toBe(400)
    const token = await offer(app)
    const { status, headers } = await setUp(app, token)
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    app.clock.advance(HOUR)
    expect((await setUp(app, token)).status).toBe(201)
  })
})
