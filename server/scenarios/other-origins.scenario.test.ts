import { sessionCookies } from '@outcry/contract/accounts'
import { expect, it } from 'vitest'
import { IN_COOKIES, signInBrowser } from '../src/testing/browser.ts'
import { createMember, createSignedInMember } from '../src/testing/factories.ts'
import { forEachApp } from '../src/testing/start-test-app.ts'
import { storedRows } from '../src/testing/stored-rows.ts'

const LISTED = 'https://app.example.org'
const SIBLING = 'https://other.localhost:4000'
const UNLISTED = 'https://evil.example'

const asPage = (origin: string, site = 'cross-site') => ({ origin, 'sec-fetch-site': site })

forEachApp(
  'C39: pages of other origins',
  { env: { OUTCRY_ALLOWED_ORIGINS: `${LISTED}, ${SIBLING}` } },
  (on) => {
    const sessionsOf = (id: string) => storedRows(on.app, 'sessions', `user_id = '${id}'`)

    it('read and write with a bearer token when they are listed, and not otherwise', async () => {
      const { accessToken: token, id } = await createSignedInMember(on.app)
      const read = async (origin: string) => {
        const { status, headers } = await on.app.send('GET', '/auth/me', { token, headers: asPage(origin) })
        return [status, headers.get('access-control-allow-origin'), headers.get('vary')]
      }
      expect(await read(LISTED)).toEqual([200, LISTED, 'Origin'])
      expect(await read(UNLISTED)).toEqual([200, null, 'Origin'])
      const write = (origin: string) =>
        on.app.send('PUT', '/users/me', { token, headers: asPage(origin), body: { display_name: origin } })
      expect((await write(UNLISTED)).status).toBe(403)
      expect((await write(LISTED)).status).toBe(200)
      expect((await storedRows(on.app, 'users', `id = '${id}'`))[0]?.display_name).toBe(LISTED)
    })

    it.each([
      ['of another site', LISTED, 'cross-site'],
      ['of the same site', SIBLING, 'same-site'],
      ['that call themselves our own', LISTED, 'same-origin'],
    ])('do nothing with the cookies of a browser: %s', async (_name, origin, site) => {
      const member = await createMember(on.app)
      const browser = await signInBrowser(on.app, member)
      const before = await sessionsOf(member.id)
      const cookie = browser.cookieHeader() ?? ''
      expect(cookie).toContain(sessionCookies.refresh)
      const signIn = { username_or_email: member.username, password: member.password }
      const writes: readonly [string, string, object][] = [
        ['POST', '/auth/refresh', {}],
        ['POST', '/auth/logout', { all: true }],
        ['PUT', '/users/me', { display_name: 'Forged' }],
        ['POST', '/auth/login/json', signIn],
      ]
      for (const [method, path, body] of writes) {
        for (const more of [{ cookie }, {}, { cookie, authorization: 'Bearer nonsense' }]) {
          const headers = { ...IN_COOKIES, ...asPage(origin, site), ...more }
          const answer = await on.app.send(method, path, { body, headers })
          expect([path, answer.status < 300]).toEqual([path, false])
          expect(answer.headers.getSetCookie()).toEqual([])
          expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
        }
      }
      const read = await on.app.send('GET', '/auth/me', { headers: { cookie, ...asPage(origin, site) } })
      expect(read.headers.get('access-control-allow-credentials')).toBeNull()
      expect(await sessionsOf(member.id)).toEqual(before)
      expect((await browser.send('GET', '/auth/me')).status).toBe(200)
    })

    it('sign nobody in, even with the right password', async () => {
      const member = await createMember(on.app)
      const body = { username_or_email: member.username, password: member.password }
      for (const header of [{}, { authorization: 'Bearer nonsense' }]) {
        const headers = { ...asPage(LISTED), ...header }
        const answer = await on.app.send('POST', '/auth/login/json', { body, headers })
        expect([answer.status, answer.body.code]).toEqual([403, 'http.cross_site_refused'])
      }
      expect(await sessionsOf(member.id)).toEqual([])
    })

    it('are told by a preflight what they may send', async () => {
      const preflight = async (origin: string) => {
        const { headers } = await on.app.send('OPTIONS', '/users/me', {
          headers: { origin, 'access-control-request-method': 'PUT' },
        })
        return [
          headers.get('access-control-allow-origin'),
          headers.get('access-control-allow-methods')?.includes('PUT') ?? false,
          headers.get('access-control-allow-credentials'),
        ]
      }
      expect(await preflight(LISTED)).toEqual([LISTED, true, null])
      expect(await preflight(UNLISTED)).toEqual([null, false, null])
    })
  },
)

forEachApp('C39: without the setting', {}, (on) => {
  it('no page of another origin reads anything', async () => {
    const { accessToken: token } = await createSignedInMember(on.app)
    const { headers } = await on.app.send('GET', '/auth/me', { token, headers: asPage(LISTED) })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})
