import { expect, it } from 'vitest'
import { COMMON_PASSWORDS } from '../../../testing/common-passwords.ts'
import { createSignedInMember, newUsername, resetTokenFor, tryToSignIn } from '../../../testing/factories.ts'
import { type Answer, forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

forEachApp('C3: a common password', { env: { OUTCRY_PASSWORD_MIN: '8' } }, (on) => {
  const expectRefused = ({ status, body }: Answer, path: string) => {
    expect(status).toBe(422)
    expect(body.type).toBe('urn:outcry:problem:accounts.password_refused')
    expect(body.detail).toContain('common passwords')
    expect(body.errors).toMatchObject([{ path }])
  }

  it('is refused with the reason wherever one is set over HTTP, 50 out of 50, and changes nothing', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const token = await resetTokenFor(app, member.email)
    const users = await countStored(app, 'users')
    for (const bad of COMMON_PASSWORDS) {
      const username = newUsername()
      const newcomer = { username, email: `${username}@example.test`, password: bad }
      expectRefused(await app.send('POST', '/auth/register', { body: newcomer }), 'body.password')
      const change = { current_password: member.password, new_password: bad }
      const changed = await app.send('PUT', '/users/me/password', { token: member.accessToken, body: change })
      expectRefused(changed, 'body.new_password')
      const reset = { token, new_password: bad }
      expectRefused(
        await app.send('POST', '/auth/password-reset/confirm', { body: reset }),
        'body.new_password',
      )
    }
    expect(await countStored(app, 'users')).toBe(users)
    expect((await tryToSignIn(app, member.username)).status).toBe(200)
  })

  it('is refused to the operator too', async () => {
    const { app } = on
    const { username } = await createSignedInMember(app)
    for (const bad of COMMON_PASSWORDS) {
      const refused = app.app.accounts.admin.setPassword(username, bad)
      await expect(refused).rejects.toMatchObject({ code: 'accounts.password_refused' })
    }
    expect((await tryToSignIn(app, username)).status).toBe(200)
  })
})
