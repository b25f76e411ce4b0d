import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../../platform/durations.ts'
import {
  changeMember,
  createMember,
  createSignedInMember,
  registerMember,
  signIn,
} from '../../../testing/factories.ts'
import { addPasskey, creationOptions, insertPasskeys, sendNewPasskey } from '../../../testing/passkeys.ts'
import { softwareAuthenticator } from '../../../testing/software-authenticator.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

forEachApp('POST /auth/passkeys/options', {}, (on) => {
  const ask = (token?: string, headers = {}) =>
    on.app.send('POST', '/auth/passkeys/options', { ...(token ? { token } : {}), headers })

  it('refuses who is not signed in, not active, or proved it more than five minutes ago', async () => {
    const { app } = on
    expect((await ask()).status).toBe(401)
    const pending = await signIn(app, await registerMember(app))
    expect((await ask(pending.accessToken)).status).toBe(403)
    const { id, accessToken } = await createSignedInMember(app)
    app.clock.advance(5 * MINUTE + SECOND)
    const stale = await ask(accessToken)
    expect(stale.status).toBe(401)
    expect(stale.body.code).toBe('http.insufficient_user_authentication')
    expect(await countStored(app, 'passkey_challenges', `user_id = '${id}'`)).toBe(0)
  })

  it('refuses a suspended member', async () => {
    const { id, accessToken } = await createSignedInMember(on.app)
    await changeMember(on.app, id, { status: 'suspended' })
    expect((await ask(accessToken)).status).toBe(403)
  })

  it('asks for a verified user, a passkey that needs no name, no attestation, and three algorithms', async () => {
    const { id, username, accessToken } = await createSignedInMember(on.app)
    const { status, body, headers } = await ask(accessToken)
    expect(status).toBe(200)
    expect(headers.get('set-cookie')).toBeNull()
    expect(body).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rp: { id: 'localhost', name: on.app.config.siteName },
      user: {
        id: Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url'),
        name: username,
        displayName: username,
      },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 5 * MINUTE,
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [],
    })
  })

  it('keeps no challenge, only its digest, bound to ceremony and member', async () => {
    const { app } = on
    const { id, accessToken } = await createSignedInMember(app)
    const [one, two] = [await ask(accessToken), await ask(accessToken)]
    expect(one.body.challenge).not.toBe(two.body.challenge)
    const rows = await storedRows(app, 'passkey_challenges', `user_id = '${id}'`)
    expect(rows.map(({ ceremony }) => ceremony)).toEqual(['register', 'register'])
    expect(JSON.stringify(rows)).not.toContain(String(one.body.challenge))
    for (const { expires_at } of rows) {
      expect(new Date(String(expires_at)).getTime()).toBe(app.clock.now().getTime() + 5 * MINUTE)
    }
  })

  it('gives a browser the cookie of this flow, and lets it keep the one it has', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    const fromBrowser = { 'sec-fetch-site': 'same-origin' }
    const cookie = (await ask(accessToken, fromBrowser)).headers.get('set-cookie')
    expect(cookie).toMatch(
      /^__Host-outcry-flow=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=300$/,
    )
    const value = cookie?.split(';')[0] ?? ''
    const again = await ask(accessToken, { ...fromBrowser, cookie: value })
    expect(again.headers.get('set-cookie')).toContain(value)
  })

  it('names the passkeys that the member has, and nobody else’s', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member)
    await addPasskey(app, await createSignedInMember(app))
    expect((await creationOptions(app, member)).excludeCredentials).toEqual([
      {
        id: authenticator.credentialId.toString('base64url'),
        type: 'public-key',
        transports: ['internal', 'hybrid'],
      },
    ])
  })

  it('refuses the twenty-first passkey', async () => {
    const member = await signIn(on.app, await createMember(on.app))
    await insertPasskeys(on.app, member, 20)
    const { status, body } = await ask(member.accessToken)
    expect(status).toBe(400)
    expect(body).toMatchObject({
      code: 'accounts.too_many_passkeys',
      detail: 'There are 20 passkeys already; remove one first.',
    })
  })

  it('forgets within a day the challenges that nobody answered in time, and no others', async () => {
    const { app } = on
    await app.settle()
    const member = await createSignedInMember(app)
    await ask(member.accessToken)
    app.clock.advance(DAY)
    const { accessToken } = await signIn(app, member)
    const { body } = await ask(accessToken)
    await app.settle()
    const kept = await storedRows(app, 'passkey_challenges', `user_id = '${member.id}'`)
    expect(kept).toHaveLength(1)
    const credential = softwareAuthenticator().create({ ...body, challenge: String(body.challenge) })
    expect((await sendNewPasskey(app, { accessToken }, { credential })).status).toBe(201)
  })
})

describe('POST /auth/passkeys/options under its limit', () => {
  it('takes thirty a minute from one member', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    const { accessToken: token } = await createSignedInMember(app)
    const ask = async () => (await app.send('POST', '/auth/passkeys/options', { token })).status
    for (let n = 0; n < 30; n++) expect(await ask()).toBe(200)
    expect(await ask()).toBe(429)
  })
})
