import { sessionCookies } from '@outcry/contract/accounts'
import { expect, it } from 'vitest'
import { SECOND } from '../../../platform/durations.ts'
import { type Browser, IN_COOKIES, openBrowser, signInBrowser } from '../../../testing/browser.ts'
import { openEvents } from '../../../testing/event-reader.ts'
import { createMember, createSignedInMember, type Member } from '../../../testing/factories.ts'
import { codeAt, createTwoFactorMember } from '../../../testing/factories-two-factor.ts'
import { addPasskey } from '../../../testing/passkeys.ts'
import { type Answer, forEachApp, type TestApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const credentials = ({ username, password }: Member) => ({ username_or_email: username, password })
const enter = (browser: Browser, member: Member) =>
  browser.send('POST', '/auth/login/json', { body: credentials(member), headers: IN_COOKIES })
const open = async (app: TestApp, { id }: Pick<Member, 'id'>) =>
  (await storedRows(app, 'sessions', `user_id = '${id}' and revoked_at is null`)).length
const me = async (app: TestApp, cookie: string) =>
  (await app.send('GET', '/auth/me', { headers: { cookie } })).status
const endings = (app: TestApp, { id }: Pick<Member, 'id'>) =>
  storedRows(app, 'audit_events', `actor_id = '${id}' and action = 'session.signed_out'`)

const ways: Readonly<Record<string, (app: TestApp) => Promise<(browser: Browser) => Promise<Answer>>>> = {
  'a password by form': async (app) => {
    const { email, password } = await createMember(app)
    const body = new URLSearchParams({ username: email, password })
    return (browser) => browser.send('POST', '/auth/login', { body, headers: IN_COOKIES })
  },
  'a password by JSON': async (app) => {
    const member = await createMember(app)
    return (browser) => enter(browser, member)
  },
  'a code': async (app) => {
    const member = await createTwoFactorMember(app)
    return async (browser) => {
      const held = browser.cookieHeader() ?? ''
      const { body } = await enter(browser, member)
      expect(await me(app, held)).toBe(200)
      const step = { token: body.two_factor_token, two_fa_token: codeAt(app, member.secret) }
      return browser.send('POST', '/auth/2fa/login', { body: step, headers: IN_COOKIES })
    }
  },
  'a passkey asked for before': async (app) => {
    const { authenticator } = await addPasskey(app, await createSignedInMember(app))
    return async (browser) => {
      const { body } = await browser.send('POST', '/auth/passkeys/login/options', { headers: { cookie: '' } })
      const credential = authenticator.get({ ...body, challenge: String(body.challenge) })
      return browser.send('POST', '/auth/passkeys/login', { body: { credential }, headers: IN_COOKIES })
    }
  },
}

forEachApp('a browser that signs in while it holds a session', {}, (on) => {
  it.each(Object.entries(ways))('ends the session of somebody else by %s', async (_name, make) => {
    const { app } = on
    const [signIn, before] = [await make(app), await createMember(app)]
    const [browser, another] = [await signInBrowser(app, before), await signInBrowser(app, before)]
    const held = browser.cookieHeader() ?? ''
    expect(await me(app, held)).toBe(200)
    expect((await signIn(browser)).status).toBe(200)
    expect([await me(app, held), await me(app, browser.cookieHeader() ?? '')]).toEqual([401, 200])
    expect((await another.send('GET', '/auth/me')).status).toBe(200)
    expect(await open(app, before)).toBe(1)
    expect(await endings(app, before)).toMatchObject([{ result: 'ok', address: '127.0.0.1' }])
  })

  it('ends an earlier session of the same member, with its streams', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    await expect.poll(() => app.app.platform.signals.isLive).toBe(true)
    const held = browser.cookieHeader() ?? ''
    const stream = await openEvents(`${app.url}/api/v1/notifications/stream`, { headers: { cookie: held } })
    expect((await enter(browser, member)).status).toBe(200)
    await stream.ended
    expect(stream.names()).toEqual(['session.ended'])
    expect([await me(app, held), await open(app, member)]).toEqual([401, 1])
    const ended = await storedRows(app, 'sessions', `user_id = '${member.id}' and revoked_at is not null`)
    const [entry] = await endings(app, member)
    expect([entry?.object_type, entry?.object_id]).toEqual(['session', ended[0]?.id])
    expect(ended).toMatchObject([{ revocation_reason: 'logout' }])
  })

  it('ends it by a refresh token that was spent meanwhile, and once', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    const cookie = browser.cookieHeader() ?? ''
    await browser.send('POST', '/auth/refresh', { body: {}, headers: IN_COOKIES })
    app.clock.advance(11 * SECOND)
    const signIn = () =>
      openBrowser(app).send('POST', '/auth/login/json', {
        body: credentials(member),
        headers: { ...IN_COOKIES, cookie },
      })
    expect((await Promise.all([signIn(), signIn()])).map(({ status }) => status)).toEqual([200, 200])
    expect((await signIn()).status).toBe(200)
    expect(await open(app, member)).toBe(3)
    expect((await endings(app, member)).filter(({ result }) => result === 'ok')).toHaveLength(1)
  })

  it('ends nothing when it is refused, takes its tokens in the body, refreshes, or brings a token nobody made', async () => {
    const { app } = on
    const [held, other] = [await createMember(app), await createMember(app)]
    const browser = await signInBrowser(app, held)
    const wrong = { ...credentials(other), password: 'not the password at all' }
    const refused = await browser.send('POST', '/auth/login/json', { body: wrong, headers: IN_COOKIES })
    expect(refused.status).toBe(401)
    expect((await browser.send('POST', '/auth/login/json', { body: credentials(other) })).status).toBe(200)
    const renewed = await browser.send('POST', '/auth/refresh', { body: {}, headers: IN_COOKIES })
    expect(renewed.status).toBe(200)
    const real = Buffer.from(browser.cookie(sessionCookies.refresh) ?? '', 'base64url')
    real.writeUInt8(real.readUInt8(53) ^ 1, 53)
    for (const token of [real.toString('base64url'), 'nonsense', '']) {
      const headers = { ...IN_COOKIES, cookie: `${sessionCookies.refresh}=${token}` }
      const body = credentials(other)
      expect(
        (await app.send('POST', '/auth/login/json', { body, headers: fromPage(app, headers) })).status,
      ).toBe(200)
    }
    expect((await browser.send('GET', '/auth/me')).status).toBe(200)
    expect([await open(app, held), await endings(app, held)]).toEqual([1, []])
  })
})

function fromPage(app: TestApp, headers: Readonly<Record<string, string>>) {
  return { 'sec-fetch-site': 'same-origin', origin: app.config.publicUrl.origin, ...headers }
}
