import { type UserRole, userRoles } from '@outcry/contract/accounts'
import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeMember,
  createSignedInMember,
  insertMembers,
  type Member,
  type SignedInMember,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const operations = ['activate', 'deactivate', 'suspend'] as const
const statusAfter = { activate: 'active', deactivate: 'inactive', suspend: 'suspended' } as const

forEachApp('POST /users/{id}/activate, /deactivate and /suspend', {}, (on) => {
  const actors = new Map<string, SignedInMember>()
  const actor = async (role: UserRole): Promise<SignedInMember> => {
    const key = `${on.dialect} ${role}`
    const known = actors.get(key)
    // Note: tests move the clock, and access tokens end.
    const made = known ? await signIn(on.app, known) : await createSignedInMember(on.app, { role })
    actors.set(key, made)
    return made
  }
  const oneMember = async (traits = {}): Promise<Member> => {
    const [member] = await insertMembers(on.app, 1, traits)
    if (!member) throw new Error('No member was made.')
    return member
  }
  const post = (operation: string, id: string, { token, body }: { token?: string; body?: unknown } = {}) =>
    on.app.send('POST', `/users/${id}/${operation}`, { body: body ?? {}, ...(token ? { token } : {}) })
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]
  const entriesFor = (id: string) => storedRows(on.app, 'audit_events', `object_id = '${id}'`)

  it.each(operations)('%s is closed to everybody below an administrator', async (operation) => {
    const { id } = await oneMember({ status: 'banned' })
    expect((await post(operation, id)).status).toBe(401)
    for (const role of ['user', 'creator', 'moderator'] as const) {
      const { accessToken: token } = await actor(role)
      expect((await post(operation, id, { token })).status).toBe(403)
    }
    expect((await rowOf(id))?.status).toBe('banned')
  })

  it.each(operations)('%s answers 404 for nobody, and 400 for oneself', async (operation) => {
    for (const role of ['admin', 'super_admin'] as const) {
      const { id, username, accessToken: token } = await actor(role)
      const nobody = await post(operation, '01890a5d-ac96-774b-bcce-b302099a8057', { token })
      expect(nobody.status).toBe(404)
      for (const name of [id, username]) {
        const { status, body } = await post(operation, name, { token })
        expect(status).toBe(400)
        expect(body.type).toBe('urn:outcry:problem:accounts.not_yourself')
      }
      expect((await rowOf(id))?.status).toBe('active')
    }
  })

  it.each(operations)('%s refuses a reason that is too long or holds controls', async (operation) => {
    const { id } = await oneMember({ status: 'banned' })
    const { accessToken: token } = await actor('admin')
    for (const reason of ['x'.repeat(501), 'a\u0000b', 7]) {
      const { status, body } = await post(operation, id, { token, body: { reason } })
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.reason' }])
    }
    expect((await rowOf(id))?.status).toBe('banned')
  })

  it('suspend takes an end in the future only', async () => {
    const { id } = await oneMember()
    const { accessToken: token } = await actor('admin')
    const now = on.app.clock.now()
    for (const until of ['x', '2026-13-01T00:00:00Z', now.toISOString(), '1999-01-01T00:00:00Z', 5]) {
      const { status, body } = await post('suspend', id, { token, body: { until } })
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.until' }])
    }
    expect((await rowOf(id))?.status).toBe('active')
  })

  it.each(operations)('%s follows the ranks', async (operation) => {
    for (const by of ['admin', 'super_admin'] as const) {
      const { accessToken: token } = await actor(by)
      for (const role of userRoles) {
        const { id } = await oneMember({ role, status: 'banned' })
        const isAllowed = by === 'super_admin' || !['admin', 'super_admin'].includes(role)
        const { status, body } = await post(operation, id, { token })
        expect({ by, role, status }).toEqual({ by, role, status: isAllowed ? 200 : 403 })
        expect((await rowOf(id))?.status).toBe(isAllowed ? statusAfter[operation] : 'banned')
        if (isAllowed) expect(body).toMatchObject({ success: true, data: null })
        else expect(body.type).toBe('urn:outcry:problem:accounts.not_allowed')
      }
    }
  })

  it.each(['deactivate', 'suspend'] as const)('C48: %s ends open sessions at once', async (operation) => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { accessToken: token, id: adminId } = await actor('admin')
    const body = { reason: 'Spam' }
    expect((await post(operation, member.username, { token, body })).status).toBe(200)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(401)
    const refresh = { body: { refresh_token: member.refreshToken } }
    expect((await app.send('POST', '/auth/refresh', refresh)).status).toBe(401)
    expect((await tryToSignIn(app, member.username)).status).toBe(401)
    expect((await app.send('GET', `/users/${member.id}`)).status).toBe(404)
    await app.settle()
    expect(app.mail.to(member.email)[0]?.text).toContain('The reason given: Spam')
    expect((await post('activate', member.id, { token, body: { reason: 'A mistake' } })).status).toBe(200)
    expect((await signIn(app, member)).accessToken).toBeDefined()
    await app.settle()
    expect(app.mail.to(member.email).some(({ text }) => text.includes('opened by an administrator'))).toBe(
      true,
    )
    const entries = (await entriesFor(member.id)).filter(({ actor_id }) => actor_id === adminId)
    const [closed, opened] = entries.map(({ details }) => JSON.stringify(details).replaceAll('\\', ''))
    expect(entries.map(({ action }) => action)).toEqual(Array(2).fill('account.status_set_by_admin'))
    expect(closed).toContain('"reason":"Spam"')
    expect(closed).toContain(`"to":"${statusAfter[operation]}"`)
    expect(opened).toContain('"reason":"A mistake"')
  })

  it('activate vouches for the address of a pending member', async () => {
    const { id } = await oneMember({ status: 'pending_verification' })
    const { accessToken: token } = await actor('admin')
    await post('activate', id, { token })
    const row = await rowOf(id)
    expect(row?.status).toBe('active')
    expect(row?.email_verified_at).not.toBeNull()
  })

  it('a suspension ends by itself: for sign-in at once, and in the row within a minute', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { accessToken: token } = await actor('admin')
    const until = new Date(app.clock.now().getTime() + DAY).toISOString()
    expect((await post('suspend', member.id, { token, body: { until } })).status).toBe(200)
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
