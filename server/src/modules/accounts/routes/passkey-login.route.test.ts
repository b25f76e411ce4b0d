import { describe, expect, it } from 'vitest'
import { createSignedInMember } from '../../../testing/factories.ts'
import { addPasskey, tryPasskeyLogin } from '../../../testing/passkeys.ts'
import { softwareAuthenticator } from '../../../testing/software-authenticator.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('POST /auth/passkeys/login', {}, (on) => {
  it.each(['EdDSA', 'ES256', 'RS256'] as const)('signs in with a key of %s', async (algorithm) => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { authenticator } = await addPasskey(app, member, softwareAuthenticator({ algorithm }))
    const { status, body, text } = await tryPasskeyLogin(app, authenticator)
    expect({ status, text }).toMatchObject({ status: 200 })
    const me = await app.send('GET', '/auth/me', { token: String(body.access_token) })
    expect(me.body.id).toBe(member.id)
  })
})
