import { describe, expect, it } from 'vitest'
import {
  changeMember,
  createMember,
  createSignedInMember,
  type Member,
  PASSWORD,
  resetTokenFor,
  tryToSignIn,
} from '../src/testing/factories.ts'
import {
  beginSignIn,
  codeAt,
  createTwoFactorMember,
  finishSignIn,
  nextCode,
} from '../src/testing/factories-two-factor.ts'
import { DAY, MINUTE, SECOND } from '../src/testing/fixed-clock.ts'
import { addPasskey, tryPasskeyLogin } from '../src/testing/passkeys.ts'
import { type Answer, forEachApp, type TestApp } from '../src/testing/start-test-app.ts'
import { storedRows } from '../src/testing/stored-rows.ts'

/** Somebody, and the one way in which they sign in; each call signs in once more. */
interface Person {
  readonly member: Member
  readonly signIn: () => Promise<Answer>
  readonly amr: readonly string[]
}

const paths: Readonly<Record<string, (app: TestApp) => Promise<Person>>> = {
  'password by form': async (app) => {
    const member = await createMember(app)
    const signIn = () =>
      app.send('POST', '/auth/login', {
        body: new URLSearchParams({ username: member.email, password: member.password }),
      })
    return { member, signIn, amr: ['pwd'] }
  },
  'password by JSON': async (app) => {
    const member = await createMember(app)
    return { member, signIn: () => tryToSignIn(app, member.username), amr: ['pwd'] }
  },
  'a code of the app': async (app) => {
    const member = await createTwoFactorMember(app)
    const signIn = async () => {
      const answer = await finishSignIn(app, {
        token: await beginSignIn(app, member),
        code: codeAt(app, member.secret),
      })
      nextCode(app)
      return answer
    }
    return { member, signIn, amr: ['pwd', 'otp'] }
  },
  'a backup code': async (app) => {
    const member = await createTwoFactorMember(app)
    const codes = [...member.backupCodes]
    const signIn = async () => finishSignIn(app, { token: await beginSignIn(app, member), code: codes.pop() })
    return { member, signIn, amr: ['pwd', 'kba'] }
  },
  'a passkey': async (app) => {
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    return { member, signIn: () => tryPasskeyLogin(app, authenticator), amr: ['hwk'] }
  },
  'a password set anew': async (app) => {
    const member = await createMember(app)
    const password = 'another long and quiet sentence'
    const token = await resetTokenFor(app, member.email)
    const body = { token, new_password: password }
    expect((await app.send('POST', '/auth/password-reset/confirm', { body })).status).toBe(200)
    expect((await tryToSignIn(app, member.username, PASSWORD)).status).toBe(401)
    app.clock.advance(MINUTE)
    return {
      member: { ...member, password },
      signIn: () => tryToSignIn(app, member.username, password),
      amr: ['pwd'],
    }
  },
}

const claimsOf = (token: unknown): Record<string, unknown> => {
  const claims: unknown = JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
  return claims as Record<string, unknown>
}

forEachApp('the tokens of', {}, (on) => {
  const me = async (token: unknown) => (await on.app.send('GET', '/auth/me', { token: String(token) })).status
  const refresh = (token: unknown) =>
    on.app.send('POST', '/auth/refresh', { body: { refresh_token: String(token) } })
  const signedIn = async ({ signIn }: Person) => {
    const { status, body, text } = await signIn()
    expect(status, text).toBe(200)
    return body
  }

  describe.each(Object.entries(paths))('%s', (_name, make) => {
    it('are a pair of its own each time, and name neither the address nor the name', async () => {
      const person = await make(on.app)
      const [first, second] = [await signedIn(person), await signedIn(person)]
      const fields = ['access_token', 'expires_in', 'refresh_token', 'token_type']
      expect(Object.keys(first).toSorted()).toEqual(fields)
      expect(first).toMatchObject({ token_type: 'bearer', expires_in: 1800 })
      const claims = [claimsOf(first.access_token), claimsOf(second.access_token)]
      expect(claims[0]?.jti).not.toBe(claims[1]?.jti)
      expect(claims[0]?.sid).not.toBe(claims[1]?.sid)
      expect(claims[0]?.amr).toEqual(expect.arrayContaining([...person.amr]))
      const text = JSON.stringify(claims)
      expect(text).not.toContain(person.member.email)
      expect(text).not.toContain(person.member.username)
      const [user] = await storedRows(on.app, 'users', `id = '${person.member.id}'`)
      expect(new Date(String(user?.last_login_at)).getTime()).toBeGreaterThan(0)
      expect(Number(user?.login_count)).toBeGreaterThanOrEqual(2)
    })

    it('open what they are for and nothing else', async () => {
      const { access_token, refresh_token } = await signedIn(await make(on.app))
      expect(await me(access_token)).toBe(200)
      expect(await me(refresh_token)).toBe(401)
      expect((await refresh(access_token)).status).toBe(401)
      const asFactor = await finishSignIn(on.app, { token: refresh_token, code: '000000' })
      expect(asFactor.status).toBe(401)
      const mailed = { token: refresh_token, new_password: 'yet another quiet sentence' }
      expect((await on.app.send('POST', '/auth/password-reset/confirm', { body: mailed })).status).toBe(400)
    })

    it('rotate, give the same successor again for ten seconds, and all die when a spent one comes back', async () => {
      const first = await signedIn(await make(on.app))
      const [next, again] = [await refresh(first.refresh_token), await refresh(first.refresh_token)]
      expect([next.status, again.status]).toEqual([200, 200])
      expect(again.body.refresh_token).toBe(next.body.refresh_token)
      expect(claimsOf(again.body.access_token).jti).not.toBe(claimsOf(next.body.access_token).jti)
      expect(next.body.expires_in).toBe(1800)
      on.app.clock.advance(11 * SECOND)
      expect((await refresh(first.refresh_token)).status).toBe(401)
      expect((await refresh(next.body.refresh_token)).status).toBe(401)
      for (const token of [first, next.body, again.body]) expect(await me(token.access_token)).toBe(401)
    })

    it('end with the session, whoever ends it', async () => {
      const person = await make(on.app)
      const [left, removed, closed] = [await signedIn(person), await signedIn(person), await signedIn(person)]
      const out = { token: String(left.access_token), body: {} }
      expect((await on.app.send('POST', '/auth/logout', out)).status).toBe(200)
      expect([await me(left.access_token), (await refresh(left.refresh_token)).status]).toEqual([401, 401])
      const path = `/auth/sessions/${String(claimsOf(removed.access_token).sid)}`
      const remote = { token: String(closed.access_token) }
      expect((await on.app.send('DELETE', path, remote)).status).toBe(200)
      expect([await me(removed.access_token), (await refresh(removed.refresh_token)).status]).toEqual([
        401, 401,
      ])
      expect(await me(closed.access_token)).toBe(200)
      await changeMember(on.app, person.member.id, { status: 'banned' })
      expect([await me(closed.access_token), (await refresh(closed.refresh_token)).status]).toEqual([
        403, 401,
      ])
      expect((await person.signIn().catch(() => undefined))?.status ?? 401).toBe(401)
    })

    it('live as long as they say: half an hour, a week unused, a month at most', async () => {
      const person = await make(on.app)
      const idle = await signedIn(person)
      let kept = await signedIn(person)
      on.app.clock.advance(1800 * SECOND + 31 * SECOND)
      expect(await me(idle.access_token)).toBe(401)
      on.app.clock.advance(7 * DAY - 1900 * SECOND)
      kept = (await refresh(kept.refresh_token)).body
      expect(await me(kept.access_token)).toBe(200)
      on.app.clock.advance(100 * SECOND)
      expect((await refresh(idle.refresh_token)).status).toBe(401)
      for (let week = 1; week < 4; week++) {
        on.app.clock.advance(6 * DAY)
        kept = (await refresh(kept.refresh_token)).body
        expect(await me(kept.access_token)).toBe(200)
      }
      on.app.clock.advance(6 * DAY)
      expect((await refresh(kept.refresh_token)).status).toBe(401)
    })
  })
})
