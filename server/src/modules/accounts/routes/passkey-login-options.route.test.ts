import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { createSignedInMember, registerMember, signIn } from '../../../testing/factories.ts'
import { addPasskey } from '../../../testing/passkeys.ts'
import { forEachApp, startTestApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const path = '/auth/passkeys/login/options'

forEachApp('POST /auth/passkeys/login/options', {}, (on) => {
  const rows = async () =>
    (await storedRows(on.app, 'passkey_challenges')).map(({ ceremony, user_id, browser_hash }) => ({
      ceremony,
      user_id,
      isBound: browser_hash !== null,
    }))

  it('refuses a credential that is not valid, and a member who may not prove anything yet', async () => {
    expect((await on.app.send('POST', path, { token: 'nonsense' })).status).toBe(401)
    const pending = await signIn(on.app, await registerMember(on.app))
    expect((await on.app.send('POST', path, { token: pending.accessToken })).status).toBe(403)
    expect(await rows()).toEqual([])
  })

  it('answers everybody the same, and names no credential', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const before = (await app.send('POST', path)).body
    const { authenticator } = await addPasskey(app, member)
    for (const options of [{}, { token: member.accessToken }, { body: { username: member.username } }]) {
      const { status, body, text } = await app.send('POST', path, options)
      expect(status).toBe(200)
      expect({ ...body, challenge: '' }).toEqual({ ...before, challenge: '' })
      expect(text).not.toContain(authenticator.credentialId.toString('base64url'))
    }
    expect(before).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rpId: 'localhost',
      timeout: 5 * MINUTE,
      userVerification: 'required',
      allowCredentials: [],
    })
  })

  it('gives a challenge for signing in, or for the proof of whoever is signed in', async () => {
    const { app } = on
    const { id, accessToken } = await createSignedInMember(app)
    await app.send('POST', path, { headers: { 'sec-fetch-site': 'same-origin' } })
    await app.send('POST', path, { token: accessToken })
    const stored = await rows()
    expect(stored).toContainEqual({ ceremony: 'sign_in', user_id: null, isBound: true })
    expect(stored).toContainEqual({ ceremony: 'reauthenticate', user_id: id, isBound: false })
  })
})

describe('POST /auth/passkeys/login/options under its limit', () => {
  it('takes thirty a minute from one address', async () => {
    await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
    for (let n = 0; n < 30; n++) expect((await app.send('POST', path)).status).toBe(200)
    expect((await app.send('POST', path)).status).toBe(429)
  })
})
