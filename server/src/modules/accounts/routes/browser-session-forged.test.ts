import { sessionCookies } from '@outcry/contract/accounts'
import { expect, it } from 'vitest'
import { IN_COOKIES, signInBrowser } from '../../../testing/browser.ts'
import {
  createMember,
  createPersonalToken,
  createSignedInMember,
  type Member,
} from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const OWN = 'http://localhost:4000'
const JSON_TYPE = { 'content-type': 'application/json' }

/** What a page of another site, or a program that plays one, could send along. */
const forgeries: readonly [string, Record<string, string>, number][] = [
  ['without an Origin', JSON_TYPE, 403],
  ['without an Origin but marked same-origin', { ...JSON_TYPE, 'sec-fetch-site': 'same-origin' }, 403],
  ['from another site', { ...JSON_TYPE, origin: 'https://evil.example' }, 403],
  ['from a null Origin', { ...JSON_TYPE, origin: 'null' }, 403],
  ['from its own host by another scheme', { ...JSON_TYPE, origin: 'https://localhost:4000' }, 403],
  ['marked cross-site', { ...JSON_TYPE, origin: OWN, 'sec-fetch-site': 'cross-site' }, 403],
  ['marked same-site', { ...JSON_TYPE, origin: OWN, 'sec-fetch-site': 'same-site' }, 403],
  ['marked as typed by hand', { ...JSON_TYPE, origin: OWN, 'sec-fetch-site': 'none' }, 403],
  ['as text', { origin: OWN, 'content-type': 'text/plain' }, 415],
  ['as a form', { origin: OWN, 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['as JSON with a parameter', { origin: OWN, 'content-type': 'application/json; charset=utf-8' }, 415],
]

forEachApp('a signed-in browser', {}, (on) => {
  const stateOf = async ({ id }: Member) => ({
    user: await storedRows(on.app, 'users', `id = '${id}'`),
    sessions: await storedRows(on.app, 'sessions', `user_id = '${id}'`),
  })

  it.each(forgeries)('C38: changes nothing by a request that comes %s', async (_name, headers, status) => {
    const { app } = on
    const member = await createMember(app)
    const browser = await signInBrowser(app, member)
    const before = await stateOf(member)
    const cookie = browser.cookieHeader() ?? ''
    const signIn = { username_or_email: member.username, password: member.password }
    const writes: readonly [string, string, object][] = [
      ['PUT', '/users/me', { display_name: 'Forged' }],
      ['POST', '/auth/logout', { all: true }],
      ['DELETE', `/users/${member.id}`, {}],
      ['POST', '/auth/refresh', {}],
      ['POST', '/auth/login/json', signIn],
    ]
    for (const [method, path, body] of writes) {
      const answer = await app.send(method, path, { body, headers: { ...IN_COOKIES, cookie, ...headers } })
      expect({ path, status: answer.status }).toEqual({ path, status })
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(await stateOf(member)).toEqual(before)
    expect((await browser.send('GET', '/auth/me')).status).toBe(200)
  })

  it.each(forgeries.filter(([, , status]) => status === 403))(
    'C38: is not signed in to another account by a form %s',
    async (_name, { 'content-type': _type, ...headers }) => {
      const { app } = on
      const thief = await createMember(app)
      const body = new URLSearchParams({ username: thief.username, password: thief.password })
      const answer = await app.send('POST', '/auth/login', { body, headers: { ...IN_COOKIES, ...headers } })
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
      expect((await stateOf(thief)).sessions).toEqual([])
    },
  )

  it('C38: needs no Origin to read', async () => {
    const { app } = on
    const browser = await signInBrowser(app, await createMember(app))
    const headers = { cookie: browser.cookieHeader() ?? '' }
    expect((await app.send('GET', '/auth/me', { headers })).status).toBe(200)
    expect(
      (await app.send('GET', '/auth/me', { headers: { ...headers, 'sec-fetch-site': 'none' } })).status,
    ).toBe(200)
  })

  it('is nobody with anything else than its access token in the cookie', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { token } = await createPersonalToken(app, member, { scopes: ['account:read'] })
    const browser = await signInBrowser(app, member)
    const statusOf = async (cookie: string) =>
      (await app.send('GET', '/auth/me', { headers: { cookie: `${sessionCookies.access}=${cookie}` } }))
        .status
    expect((await app.send('GET', '/auth/me', { token })).status).toBe(200)
    expect(await statusOf(token)).toBe(401)
    expect(await statusOf(browser.cookie(sessionCookies.refresh) ?? '')).toBe(401)
    expect(await statusOf('nonsense')).toBe(401)
    const own = browser.cookie(sessionCookies.access) ?? ''
    expect(await statusOf(own)).toBe(200)
    expect(await statusOf(`${own}; ${sessionCookies.access}=${own}`)).toBe(401)
  })
})
