import { expect, it } from 'vitest'
import { changeMember, createMember, signIn } from '../../../testing/factories.ts'
import { standingRoute, testStandingRoute } from '../../../testing/standing-routes.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('POST /users/{id}/activate', {}, (on) => {
  const { post, actor, oneMember, rowOf, entriesFor } = standingRoute(on, 'activate')
  testStandingRoute(on, 'activate')

  it.each(['inactive', 'suspended', 'banned'] as const)('opens an account that is %s', async (status) => {
    const { app } = on
    const member = await createMember(app)
    const now = app.clock.now()
    await changeMember(app, member.id, { status, banned_at: now, suspended_at: now, ban_reason: 'Spam' })
    const { accessToken: token, id: adminId } = await actor('admin')
    expect((await post(member.username, { token, body: { reason: 'A mistake' } })).status).toBe(200)
    expect(await rowOf(member.id)).toMatchObject({ banned_at: null, suspended_at: null, ban_reason: null })
    expect((await signIn(app, member)).accessToken).toBeDefined()
    await app.settle()
    expect(app.mail.to(member.email).some(({ text }) => text.includes('opened by an administrator'))).toBe(
      true,
    )
    const [entry] = (await entriesFor(member.id)).filter(({ actor_id }) => actor_id === adminId)
    expect(entry).toMatchObject({ action: 'account.status_set_by_admin', result: 'ok' })
    expect(JSON.stringify(entry?.details)).toContain('A mistake')
  })

  it('vouches for the address of a pending member', async () => {
    const { id } = await oneMember({ status: 'pending_verification' })
    const { accessToken: token } = await actor('admin')
    await post(id, { token })
    const row = await rowOf(id)
    expect(row?.status).toBe('active')
    expect(row?.email_verified_at).not.toBeNull()
  })

  it('does nothing to an account that is open', async () => {
    const { id, email } = await oneMember()
    const { accessToken: token } = await actor('admin')
    expect((await post(id, { token })).status).toBe(200)
    expect(await entriesFor(id)).toEqual([])
    await on.app.settle()
    expect(on.app.mail.to(email)).toEqual([])
  })
})
