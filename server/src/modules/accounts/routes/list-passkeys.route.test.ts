import { expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { createSignedInMember } from '../../../testing/factories.ts'
import { testOwnPages } from '../../../testing/paging.ts'
import { addPasskey, tryPasskeyLogin } from '../../../testing/passkeys.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('GET /auth/passkeys', {}, (on) => {
  const list = (token?: string) => on.app.send('GET', '/auth/passkeys', token ? { token } : {})

  testOwnPages(on, {
    path: '/auth/passkeys',
    async prepare(count) {
      const member = await createSignedInMember(on.app)
      const ids: string[] = []
      for (let n = 0; n < count; n++) {
        if (n === 2) on.app.clock.advance(SECOND)
        ids.push((await addPasskey(on.app, member)).id)
      }
      return { token: member.accessToken, ids }
    },
  })

  it('refuses who is not signed in, or proved it more than five minutes ago', async () => {
    expect((await list()).status).toBe(401)
    const { accessToken } = await createSignedInMember(on.app)
    on.app.clock.advance(5 * MINUTE + SECOND)
    expect((await list(accessToken)).body.code).toBe('http.insufficient_user_authentication')
  })

  it('shows a member’s own passkeys, the oldest first, and neither key nor credential', async () => {
    const { app } = on
    const [member, other] = [await createSignedInMember(app), await createSignedInMember(app)]
    expect((await list(member.accessToken)).body).toMatchObject({ items: [], total: 0 })
    const one = await addPasskey(app, member)
    app.clock.advance(MINUTE)
    const two = await addPasskey(app, member)
    await addPasskey(app, other)
    await tryPasskeyLogin(app, two.authenticator)
    const { status, body, text } = await list(member.accessToken)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      items: [
        { id: one.id, last_used_at: null },
        { id: two.id, last_used_at: app.clock.now().toISOString(), is_flagged: false },
      ],
      total: 2,
    })
    expect(text).not.toContain(two.authenticator.credentialId.toString('base64url'))
    expect(Object.keys((body.items as object[])[0] ?? {}).sort()).toEqual([
      'created_at',
      'id',
      'is_backed_up',
      'is_flagged',
      'last_used_at',
      'name',
      'updated_at',
    ])
  })
})
