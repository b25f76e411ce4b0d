import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../platform/durations.ts'
import { changeMember, createSignedInMember, signIn, tryToSignIn } from '../../../testing/factories.ts'
import { standingRoute, testClosingRoute, testStandingRoute } from '../../../testing/standing-routes.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('POST /users/{id}/suspend', {}, (on) => {
  const { post, actor, oneMember, rowOf, entriesFor } = standingRoute(on, 'suspend')
  testStandingRoute(on, 'suspend')
  testClosingRoute(on, 'suspend')

  it('takes an end in the future only', async () => {
    const { id } = await oneMember()
    const { accessToken: token } = await actor('admin')
    const now = on.app.clock.now()
    for (const until of ['x', '2026-13-01T00:00:00Z', now.toISOString(), '1999-01-01T00:00:00Z', 5]) {
      const { status, body } = await post(id, { token, body: { until } })
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.until' }])
    }
    expect((await rowOf(id))?.status).toBe('active')
  })

  it('a suspension ends by itself: for sign-in at once, and in the row within a minute', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { accessToken: token } = await actor('admin')
    const until = new Date(app.clock.now().getTime() + DAY).toISOString()
    expect((await post(member.id, { token, body: { until } })).status).toBe(200)
    await app.settle()
    app.clock.advance(DAY - 1)
    expect((await tryToSignIn(app, member.username)).status).toBe(401)
    app.clock.advance(1)
    expect((await rowOf(member.id))?.status).toBe('suspended')
    const { accessToken } = await signIn(app, member)
    const me = () => app.send('GET', '/users/me', { token: accessToken })
    expect((await me()).body.status).toBe('active')
    expect((await app.send('PUT', '/users/me', { token: accessToken, body: { bio: 'back' } })).status).toBe(
      200,
    )
    app.clock.advance(MINUTE)
    await app.settle()
    expect(await rowOf(member.id)).toMatchObject({
      status: 'active',
      suspended_at: null,
      suspension_ends_at: null,
      suspension_reason: null,
      suspended_by_id: null,
    })
    expect((await me()).status).toBe(200)
    const [mail] = app.mail.to(member.email)
    expect(mail?.text).toContain('the suspension of your account is over')
    const ended = (await entriesFor(member.id)).filter(({ action }) => action === 'account.suspension_ended')
    expect(ended).toHaveLength(1)
    expect(ended[0]?.actor_id).toBeNull()
    app.clock.advance(HOUR)
    await app.settle()
    expect(
      (await entriesFor(member.id)).filter(({ action }) => action === 'account.suspension_ended'),
    ).toHaveLength(1)
  })

  it('a ban or a suspension without an end never ends by itself', async () => {
    const { app } = on
    const endless = await oneMember({ status: 'suspended', suspended_at: app.clock.now() })
    const banned = await oneMember({ status: 'banned', suspension_ends_at: app.clock.now() })
    app.clock.advance(DAY)
    await app.settle()
    expect((await rowOf(endless.id))?.status).toBe('suspended')
    expect((await rowOf(banned.id))?.status).toBe('banned')
  })

  it('an open session counts again once the end has passed, whoever suspended', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const suspension_ends_at = new Date(app.clock.now().getTime() + MINUTE)
    await changeMember(app, member.id, { status: 'suspended', suspension_ends_at })
    const me = () => app.send('GET', '/auth/me', { token: member.accessToken })
    expect((await me()).status).toBe(403)
    const refresh = (refresh_token: string) => app.send('POST', '/auth/refresh', { body: { refresh_token } })
    expect((await refresh(member.refreshToken)).status).toBe(401)
    app.clock.advance(MINUTE)
    expect((await me()).status).toBe(200)
    expect((await refresh(member.refreshToken)).status).toBe(200)
  })
})
