import { sessionCookies } from '@outcry/contract/accounts'
import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../../platform/durations.ts'
import { type Browser, IN_COOKIES, openBrowser, signInBrowser } from '../../../testing/browser.ts'
import {
  changeMember,
  createMember,
  createSignedInMember,
  type Member,
  registerMember,
  resetTokenFor,
  signIn,
} from '../../../testing/factories.ts'
import { codeAt, createTwoFactorMember } from '../../../testing/factories-two-factor.ts'
import { addPasskey } from '../../../testing/passkeys.ts'
import { type Answer, forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { runAsOwner, storedRows } from '../../../testing/stored-rows.ts'

const { access, refresh, hint } = sessionCookies
const NAMES = [access, refresh, hint]
const TAKEN_BACK = [
  `${access}=; Path=/; Secure; SameSite=Strict; HttpOnly; Max-Age=0`,
  `${refresh}=; Path=/; Secure; SameSite=Strict; HttpOnly; Max-Age=0`,
  `${hint}=; Path=/; Secure; SameSite=Strict; Max-Age=0`,
]

const set = ({ headers }: Answer) => headers.getSetCookie()
const me = async (browser: Browser) => (await browser.send('GET', '/auth/me')).status
const renew = (browser: Browser) => browser.send('POST', '/auth/refresh', { body: {}, headers: IN_COOKIES })
const held = (browser: Browser) => NAMES.filter((name) => browser.cookie(name) !== undefined)
const sessionsOf = (app: TestApp, { id }: Pick<Member, 'id'>) =>
  storedRows(app, 'sessions', `user_id = '${id}'`)
const credentials = ({ username, password }: Member) => ({ username_or_email: username, password })

/** Somebody, and how they sign in with a browser. */
interface Person {
  readonly member: Member
  readonly enter: (browser: Browser) => Promise<Answer>
}

async function byCode(app: TestApp, choose: 'app' | 'backup'): Promise<Person> {
  const member = await createTwoFactorMember(app)
  const enter = async (browser: Browser) => {
    const first = { body: credentials(member), headers: IN_COOKIES }
    const { body } = await browser.send('POST', '/auth/login/json', first)
    expect(held(browser)).toEqual([])
    const two_fa_token = choose === 'app' ? codeAt(app, member.secret) : member.backupCodes[0]
    const step = { token: body.two_factor_token, two_fa_token }
    return browser.send('POST', '/auth/2fa/login', { body: step, headers: IN_COOKIES })
  }
  return { member, enter }
}

const paths: Readonly<Record<string, (app: TestApp) => Promise<Person>>> = {
  'password by form': async (app) => {
    const member = await createMember(app)
    const body = new URLSearchParams({ username: member.email, password: member.password })
    return { member, enter: (browser) => browser.send('POST', '/auth/login', { body, headers: IN_COOKIES }) }
  },
  'password by JSON': async (app) => {
    const member = await createMember(app)
    const asked = { body: credentials(member), headers: IN_COOKIES }
    return { member, enter: (browser) => browser.send('POST', '/auth/login/json', asked) }
  },
  'a code of the app': (app) => byCode(app, 'app'),
  'a backup code': (app) => byCode(app, 'backup'),
  'a passkey': async (app) => {
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    const enter = async (browser: Browser) => {
      const { body } = await browser.send('POST', '/auth/passkeys/login/options')
      const credential = authenticator.get({ ...body, challenge: String(body.challenge) })
      return browser.send('POST', '/auth/passkeys/login', { body: { credential }, headers: IN_COOKIES })
    }
    return { member, enter }
  },
}

forEachApp('a browser that signs in', {}, (on) => {
  it.each(Object.entries(paths))(
    'C37: by %s gets its tokens in cookies of the strictest kind, and none in the body',
    async (_name, make) => {
      const { app } = on
      const { member, enter } = await make(app)
      const before = (await sessionsOf(app, member)).length
      const browser = openBrowser(app)
      const answer = await enter(browser)
      expect(answer.status, answer.text).toBe(200)
      expect(answer.body).toEqual({
        access_token: '',
        refresh_token: '',
        token_type: 'bearer',
        expires_in: 1800,
      })
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(set(answer)).toEqual([
        expect.stringMatching(
          /^__Host-outcry-session=[\w.-]+; Path=\/; Secure; SameSite=Strict; HttpOnly; Max-Age=2592000$/,
        ),
        expect.stringMatching(
          /^__Host-outcry-refresh=[\w-]{72}; Path=\/; Secure; SameSite=Strict; HttpOnly; Max-Age=2592000$/,
        ),
        '__Host-outcry-signed-in=1; Path=/; Secure; SameSite=Strict; Max-Age=2592000',
      ])
      const read = await browser.send('GET', '/auth/me')
      expect(read.body).toMatchObject({ id: member.id, username: member.username })
      expect(set(read)).toEqual([])
      expect(await sessionsOf(app, member)).toHaveLength(before + 1)
      for (const name of [access, refresh]) {
        expect(app.logged.join('')).not.toContain(browser.cookie(name))
      }
    },
  )

  it('gets tokens in the body and no cookie unless it asks, and a 422 when it asks for something else', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = openBrowser(app)
    const plain = await browser.send('POST', '/auth/login/json', { body: credentials(member) })
    expect(plain.body.access_token).not.toBe('')
    expect(set(plain)).toEqual([])
    const odd = { body: credentials(member), headers: { 'x-outcry-session': 'storage' } }
    const refused = await browser.send('POST', '/auth/login/json', odd)
    expect([refused.status, refused.body.errors]).toMatchObject([422, [{ path: 'headers.x-outcry-session' }]])
    expect(await sessionsOf(app, member)).toHaveLength(1)
  })

  it('gets no cookie for a wrong password', async () => {
    const { app } = on
    const member = await createMember(app)
    const body = { ...credentials(member), password: 'not the password at all' }
    const answer = await openBrowser(app).send('POST', '/auth/login/json', { body, headers: IN_COOKIES })
    expect([answer.status, set(answer)]).toEqual([401, []])
  })

  it('is signed in where the session that it held cannot be ended, and the operator is told', async () => {
    const { app } = on
    const before = await createMember(app)
    const member = await createTwoFactorMember(app)
    const browser = await signInBrowser(app, before)
    await (await signInBrowser(app, before)).send('POST', '/auth/logout', { body: {} })
    const stands = await sessionsOf(app, before)
    await runAsOwner(
      app,
      `create unique index one_logout on sessions (user_id) where revocation_reason = 'logout' and user_id = '${before.id}'`,
    )
    try {
      const first = { body: credentials(member), headers: IN_COOKIES }
      const begun = await browser.send('POST', '/auth/login/json', first)
      const body = { token: begun.body.two_factor_token, two_fa_token: member.backupCodes[0] }
      const answer = await browser.send('POST', '/auth/2fa/login', { body, headers: IN_COOKIES })
      expect(answer.status, answer.text).toBe(200)
      expect(set(answer)).toHaveLength(3)
      expect((await browser.send('GET', '/auth/me')).body).toMatchObject({ id: member.id })
      expect(await sessionsOf(app, before)).toEqual(stands)
      const told = app.logged.filter((line) =>
        line.includes('The session that a sign-in replaces cannot be ended'),
      )
      expect(told.map((line) => JSON.parse(line).level)).toEqual(['error'])
    } finally {
      await runAsOwner(app, 'drop index one_logout')
    }
  })

  it('C20: finishes a second step in itself alone', async () => {
    const { app } = on
    const member = await createTwoFactorMember(app)
    const [browser, another] = [openBrowser(app), openBrowser(app)]
    const first = { body: credentials(member), headers: IN_COOKIES }
    const begun = await browser.send('POST', '/auth/login/json', first)
    expect(set(begun)).toEqual([expect.stringMatching(/^__Host-outcry-flow=/)])
    expect(begun.body).toMatchObject({ access_token: '', refresh_token: '', two_factor_required: true })
    await another.send('POST', '/auth/login/json', first)
    const step = { token: begun.body.two_factor_token, two_fa_token: codeAt(app, member.secret) }
    const finish = (from: Browser) =>
      from.send('POST', '/auth/2fa/login', { body: step, headers: IN_COOKIES })
    const stolen = await finish(another)
    expect([stolen.status, set(stolen)]).toEqual([401, []])
    expect((await finish(browser)).status).toBe(200)
    expect([await me(browser), await me(another)]).toEqual([200, 401])
  })

  it('is let in while the address is not verified, as far as such an account goes', async () => {
    const { app } = on
    const member = await registerMember(app)
    const browser = await signInBrowser(app, member)
    expect(await me(browser)).toBe(200)
    const body = { display_name: 'Too early' }
    expect((await browser.send('PUT', '/users/me', { body })).status).toBe(403)
  })
})

forEachApp('the session of a browser', {}, (on) => {
  it('goes on by its cookie: each refresh replaces the cookies and shows no token', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    const first = [browser.cookie(access), browser.cookie(refresh)]
    app.clock.advance(31 * MINUTE)
    expect(held(browser)).toEqual(NAMES)
    expect(await me(browser)).toBe(401)
    const answer = await renew(browser)
    expect([answer.status, answer.body.access_token, answer.body.refresh_token]).toEqual([200, '', ''])
    expect(set(answer)).toHaveLength(3)
    expect(browser.cookie(access)).not.toBe(first[0])
    expect(browser.cookie(refresh)).not.toBe(first[1])
    expect(await me(browser)).toBe(200)
    expect(await sessionsOf(app, member)).toMatchObject([{ revoked_at: null }])
  })

  it('takes no cookie for a token that was not sent', async () => {
    const { app } = on
    const browser = await signInBrowser(app, await createMember(app))
    const unasked = await browser.send('POST', '/auth/refresh', { body: {} })
    expect([unasked.status, unasked.body.errors]).toMatchObject([422, [{ path: 'body.refresh_token' }]])
    expect((await renew(browser)).status).toBe(200)
    const other = await createSignedInMember(app)
    const body = { refresh_token: other.refreshToken }
    expect((await browser.send('POST', '/auth/refresh', { body, headers: IN_COOKIES })).status).toBe(200)
    expect((await browser.send('GET', '/auth/me')).body.id).toBe(other.id)
  })

  it('C30: serves five tabs that refresh at once with one successor', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    const answers = await Promise.all(Array.from({ length: 5 }, () => renew(browser)))
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200))
    expect(new Set(answers.map((answer) => set(answer)[1])).size).toBe(1)
    expect((await sessionsOf(app, member)).map(({ refresh_counter }) => Number(refresh_counter))).toEqual([1])
    app.clock.advance(11 * SECOND)
    expect((await renew(browser)).status).toBe(200)
    expect(await me(browser)).toBe(200)
  })

  it('C29: ends when a spent cookie comes back, and no other session does', async () => {
    const { app } = on
    const member = await createMember(app)
    const [browser, another] = [await signInBrowser(app, member), await signInBrowser(app, member)]
    const program = await signIn(app, member)
    const spent = `${refresh}=${browser.cookie(refresh)}`
    expect((await renew(browser)).status).toBe(200)
    app.clock.advance(11 * SECOND)
    const thief = await openBrowser(app).send('POST', '/auth/refresh', {
      body: {},
      headers: { ...IN_COOKIES, cookie: spent },
    })
    expect([thief.status, set(thief)]).toEqual([401, TAKEN_BACK])
    expect(await me(browser)).toBe(401)
    const refused = await renew(browser)
    expect([refused.status, set(refused)]).toEqual([401, TAKEN_BACK])
    expect(held(browser)).toEqual([])
    expect([await me(another), (await renew(another)).status]).toEqual([200, 200])
    expect((await app.send('GET', '/auth/me', { token: program.accessToken })).status).toBe(200)
    const reasons = (await sessionsOf(app, member)).map(({ revocation_reason }) => revocation_reason)
    expect(reasons.filter((reason) => reason !== null)).toEqual(['reuse'])
  })

  it('C31: ends after a week of rest', async () => {
    const { app } = on
    const browser = await signInBrowser(app, await createMember(app))
    app.clock.advance(7 * DAY)
    expect((await renew(browser)).status).toBe(401)
    expect(held(browser)).toEqual([])
  })

  it('C34: ends with the next request when a password is set anew, everything is signed out, or it is removed', async () => {
    const { app } = on
    const member = await createMember(app)
    const browsers = [await signInBrowser(app, member), await signInBrowser(app, member)]
    const expectEnded = async (browser: Browser | undefined) => {
      if (!browser) throw new Error('There is no such browser.')
      expect([await me(browser), (await renew(browser)).status]).toEqual([401, 401])
    }
    for (const browser of browsers) expect(await me(browser)).toBe(200)
    const program = await signIn(app, member)
    const { body } = await app.send('GET', '/auth/sessions', { token: program.accessToken })
    const items = body.items as { id: string; current: boolean }[]
    const [latest] = items.filter(({ current }) => !current)
    expect(
      (await app.send('DELETE', `/auth/sessions/${latest?.id}`, { token: program.accessToken })).status,
    ).toBe(200)
    await expectEnded(browsers[1])
    await app.send('POST', '/auth/logout', { token: program.accessToken, body: { all: true } })
    await expectEnded(browsers[0])
    const third = await signInBrowser(app, member)
    await app.app.accounts.admin.setPassword(member.username, 'another fine password')
    await expectEnded(third)
  })

  it('C48: does nothing more for a member who was banned', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    expect(await me(browser)).toBe(200)
    await changeMember(app, member.id, { status: 'banned' })
    expect([await me(browser), (await renew(browser)).status]).toEqual([403, 401])
  })
})

forEachApp('the cookies of a browser', {}, (on) => {
  it.each([[{}], [{ all: true }]])(
    'are taken back by signing out with %j, and open nothing after',
    async (body) => {
      const { app } = on
      const member = await createMember(app)
      const browser = await signInBrowser(app, member)
      const kept = browser.cookieHeader() ?? ''
      const answer = await browser.send('POST', '/auth/logout', { body })
      expect([answer.status, set(answer)]).toEqual([200, TAKEN_BACK])
      expect(held(browser)).toEqual([])
      expect((await app.send('GET', '/auth/me', { headers: { cookie: kept } })).status).toBe(401)
      expect(await sessionsOf(app, member)).toMatchObject([{ revocation_reason: 'logout' }])
    },
  )

  it('are taken back when its session is ended in the list of sessions', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    const other = await signIn(app, member)
    const { body } = await browser.send('GET', '/auth/sessions')
    const items = body.items as { id: string; current: boolean }[]
    const path = (current: boolean) => `/auth/sessions/${items.find((each) => each.current === current)?.id}`
    expect(set(await browser.send('DELETE', path(false)))).toEqual([])
    expect((await app.send('GET', '/auth/me', { token: other.accessToken })).status).toBe(401)
    expect(set(await browser.send('DELETE', path(true)))).toEqual(TAKEN_BACK)
  })

  it('are taken back by a new password, but only those of the member who set it', async () => {
    const { app } = on
    const [member, neighbour] = [await createMember(app), await createMember(app)]
    const [own, others] = [await signInBrowser(app, member), await signInBrowser(app, neighbour)]
    const reset = async (browser: Browser) => {
      const token = await resetTokenFor(app, member.email)
      const body = { token, new_password: 'another long and quiet sentence' }
      const answer = await browser.send('POST', '/auth/password-reset/confirm', { body })
      expect(answer.status, answer.text).toBe(200)
      return set(answer)
    }
    expect(await reset(others)).toEqual([])
    expect(await me(others)).toBe(200)
    expect(await reset(own)).toEqual(TAKEN_BACK)
    expect(await reset(openBrowser(app))).toEqual([])
  })

  it('are taken back by deleting the own account, not by deleting another', async () => {
    const { app } = on
    const [member, other] = [await createMember(app), await createMember(app)]
    const admin = await signInBrowser(app, await createMember(app, { role: 'super_admin' }))
    const deleted = await admin.send('DELETE', `/users/${other.id}`)
    expect([deleted.status, set(deleted)]).toEqual([200, []])
    expect(await me(admin)).toBe(200)
    const browser = await signInBrowser(app, member)
    const answer = await browser.send('DELETE', `/users/${member.id}`)
    expect([answer.status, set(answer)]).toEqual([200, TAKEN_BACK])
  })

  it('stay when a program signs out beside them', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    const { accessToken: token } = await signIn(app, member)
    expect(set(await browser.send('POST', '/auth/logout', { token, body: {} }))).toEqual([])
    expect(await me(browser)).toBe(200)
  })

  it('matter nothing where nobody is asked who they are, and are a 401 where a member is served otherwise', async () => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    const profile = async (from: Browser) => (await from.send('GET', `/users/${member.username}`)).status
    app.clock.advance(31 * MINUTE)
    expect([await profile(browser), await profile(openBrowser(app))]).toEqual([401, 200])
    const body = { email: member.email }
    expect((await browser.send('POST', '/auth/password-reset', { body })).status).toBe(202)
    expect((await browser.send('POST', '/auth/login/json', { body: credentials(member) })).status).toBe(200)
    await renew(browser)
    expect(await profile(browser)).toBe(200)
  })
})

describe('a cookie', () => {
  it('C37: stays under 4,096 bytes at the longest address that a server can have', async () => {
    const host = [63, 63, 63, 61].map((length) => 'a'.repeat(length)).join('.')
    expect(host).toHaveLength(253)
    await using app = await startTestApp({
      dialect: 'sqlite',
      env: { OUTCRY_PUBLIC_URL: `https://${host}:65535` },
    })
    const browser = openBrowser(app)
    const body = credentials(await createMember(app))
    const answer = await browser.send('POST', '/auth/login/json', { body, headers: IN_COOKIES })
    expect(set(answer)).toHaveLength(3)
    for (const line of set(answer)) expect(Buffer.byteLength(line)).toBeLessThan(4_096)
    expect(await me(browser)).toBe(200)
  })
})
