import { type UserRole, userRoles } from '@outcry/contract/accounts'
import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import {
  changeMember,
  createMember,
  createSignedInMember,
  insertMembers,
  type Member,
  PASSWORD,
  registerMember,
  relate,
  type SignedInMember,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { asOwner } from '../../../testing/owner-queries.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp, locationOf, startTestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

forEachApp('DELETE /users/{id}', {}, (on) => {
  const remove = (id: string, token?: string) =>
    on.app.send('DELETE', `/users/${id}`, token === undefined ? {} : { token })
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]
  const oneMember = async (traits = {}): Promise<Member> => {
    const [member] = await insertMembers(on.app, 1, traits)
    if (!member) throw new Error('No member was made.')
    return member
  }
  /** Does `work` while an administrator's decision is under way elsewhere, for which every other one waits. */
  const whileOneDecides = <T>(work: () => Promise<T>): Promise<T> =>
    asOwner(locationOf(on.app), async (query) => {
      if (on.dialect === 'sqlite') await query('begin immediate')
      else {
        await query('begin')
        await query(
          `insert into instance_state (name, value, updated_at) values ('administration', 'held', now())
           on conflict (name) do update set name = excluded.name`,
        )
      }
      return work().finally(() => query('rollback'))
    })
  const entriesFor = (id: string) =>
    storedRows(on.app, 'audit_events', `object_id = '${id}' and action = 'account.deleted'`)

  it('refuses nobody, pending members, and a session that was not proven in the last five minutes', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    expect((await remove(member.id)).status).toBe(401)
    const pending = await signIn(app, await registerMember(app))
    expect((await remove(pending.id, pending.accessToken)).status).toBe(403)
    app.clock.advance(5 * MINUTE + 1)
    const stale = await remove(member.id, member.accessToken)
    expect(stale.status).toBe(401)
    expect(stale.headers.get('www-authenticate')).toContain('insufficient_user_authentication')
    expect((await rowOf(member.id))?.deleted_at).toBeNull()
    expect(await entriesFor(member.id)).toEqual([])
  })

  const TOO_OLD = 'http.insufficient_user_authentication'
  const NOT_ALLOWED = 'accounts.not_allowed'
  it.each<[UserRole, 'a fresh' | 'an old', 'themselves' | UserRole, 200 | [number, string]]>([
    ['user', 'a fresh', 'themselves', 200],
    ['user', 'an old', 'themselves', [401, TOO_OLD]],
    ['admin', 'a fresh', 'themselves', 200],
    ['admin', 'an old', 'themselves', [401, TOO_OLD]],
    ['user', 'a fresh', 'user', [403, NOT_ALLOWED]],
    ['user', 'an old', 'user', [403, NOT_ALLOWED]],
    ['moderator', 'an old', 'user', [403, NOT_ALLOWED]],
    ['admin', 'a fresh', 'user', 200],
    ['admin', 'an old', 'user', 200],
    ['admin', 'an old', 'admin', [403, NOT_ALLOWED]],
    ['super_admin', 'an old', 'admin', 200],
  ])('a %s in %s session deletes %s: %s', async (...row) => {
    const [role, session, whom, expected] = row
    const { app } = on
    await insertMembers(app, 1, { role: 'admin' })
    const { id, username, accessToken } = await createSignedInMember(app, { role })
    const target = whom === 'themselves' ? { id, username } : await oneMember({ role: whom })
    if (session === 'an old') app.clock.advance(6 * MINUTE)
    for (const name of [target.username, target.id]) {
      const { status, body, headers } = await remove(name, accessToken)
      const isGone = (await rowOf(target.id))?.deleted_at !== null
      if (expected === 200) {
        expect([status, isGone]).toEqual([200, true])
        return
      }
      expect([[status, body.code], isGone]).toEqual([expected, false])
      expect(headers.get('www-authenticate')?.includes('max_age=300') ?? false).toBe(status === 401)
    }
    const refusals = (await entriesFor(target.id)).map(({ result }) => result)
    const isHeardByDecision = role === 'admin' && whom !== 'themselves'
    expect(refusals).toEqual(isHeardByDecision ? ['refused', 'refused'] : [])
  })

  it('C76: refuses whoever administrates nobody without a lock, and puts twenty refusals an hour into the log', async () => {
    const { app } = on
    const other = await oneMember()
    for (const role of ['user', 'creator', 'moderator'] as const) {
      const actor = await insertSignedInMember(app, { role })
      const ask = async () => {
        const { status, body } = await remove(other.id, actor.accessToken)
        return [status, body.code]
      }
      const answers = await Promise.all(Array.from({ length: 25 }, ask))
      expect(answers).toEqual(answers.map(() => [403, NOT_ALLOWED]))
      const entries = await storedRows(app, 'audit_events', `actor_id = '${actor.id}'`)
      expect(entries).toHaveLength(20)
      for (const { action, result, details } of entries) {
        const facts: unknown = typeof details === 'string' ? JSON.parse(details) : details
        const said = { route: 'DELETE /api/v1/users/{id}', code: NOT_ALLOWED }
        expect([action, result, facts]).toEqual(['access.refused', 'refused', said])
      }
      expect(await whileOneDecides(ask)).toEqual([403, NOT_ALLOWED])
    }
    expect(await entriesFor(other.id)).toEqual([])
    expect((await rowOf(other.id))?.deleted_at).toBeNull()
  })

  it('asks an administrator with a second factor for it, however fresh the session is', async () => {
    const { app } = on
    const admin = await createSignedInMember(app, { role: 'admin' })
    await changeMember(app, admin.id, { two_factor_enabled: true })
    const member = await oneMember()
    const { status, body } = await remove(member.id, admin.accessToken)
    expect([status, body.code]).toEqual([401, 'accounts.factor_needed'])
    expect((await rowOf(member.id))?.deleted_at).toBeNull()
  })

  it('answers 404 for nobody, for members one may not see, and for those who are gone', async () => {
    const { accessToken: token } = await createSignedInMember(on.app)
    const hidden = await oneMember({ status: 'suspended' })
    const gone = await oneMember({ status: 'inactive', deleted_at: on.app.clock.now() })
    const missing = ['01890a5d-ac96-774b-bcce-b302099a8057', 'nobody_has_it', 'me', hidden.id, gone.id]
    for (const id of missing)
      expect({ id, status: (await remove(id, token)).status }).toEqual({ id, status: 404 })
    const admin = await createSignedInMember(on.app, { role: 'super_admin' })
    expect((await remove(gone.id, admin.accessToken)).status).toBe(404)
    expect((await rowOf(hidden.id))?.status).toBe('suspended')
  })

  it('lets nobody delete a member at or above them but the highest role', async () => {
    const isAdmin = (role: UserRole) => role === 'admin' || role === 'super_admin'
    const pairs = userRoles.flatMap((by) => userRoles.map((role) => ({ by, role })))
    for (const { by, role } of pairs) {
      const { id: actorId, accessToken: token } = await insertSignedInMember(on.app, { role: by })
      const { id } = await oneMember({ role })
      const isAllowed = by === 'super_admin' || (by === 'admin' && !isAdmin(role))
      const { status, body } = await remove(id, token)
      const code = isAllowed ? undefined : NOT_ALLOWED
      expect({ by, role, status, code: body.code }).toEqual({ by, role, status: isAllowed ? 200 : 403, code })
      expect((await rowOf(id))?.deleted_at !== null).toBe(isAllowed)
      const entry = { actor_id: actorId, result: isAllowed ? 'ok' : 'refused' }
      expect(await entriesFor(id)).toMatchObject(isAdmin(by) ? [entry] : [])
    }
  })

  async function fullMember(): Promise<SignedInMember & { friend: Member; follower: Member }> {
    const { app } = on
    const member = await createSignedInMember(app)
    const [friend, follower] = await insertMembers(app, 2)
    if (!friend || !follower) throw new Error('No members were made.')
    const { accessToken: token } = member
    const body = {
      ...{ display_name: 'Gone Soon', bio: 'b', location: 'l', website_url: 'https://x.example' },
      ...{ avatar_url: 'https://x.example/a', cover_image_url: 'https://x.example/c' },
    }
    expect((await app.send('PUT', '/users/me', { token, body })).status).toBe(200)
    expect((await app.send('POST', `/users/${friend.id}/follow`, { token })).status).toBe(200)
    await relate(app, { blocker: follower, blocked: member })
    const pat = { name: 'bot', scopes: ['account:read'] }
    expect((await app.send('POST', '/auth/tokens', { token, body: pat })).status).toBe(201)
    return { ...member, friend, follower }
  }

  it('empties everything, at once and for good', async () => {
    const { app } = on
    const member = await fullMember()
    await signIn(app, member)
    expect((await rowOf(member.friend.id))?.follower_count).toBeOneOf([1, '1'])
    const answer = await remove(member.username.toUpperCase(), member.accessToken)
    expect(answer).toMatchObject({ status: 200, body: { success: true, data: null } })
    const row = await rowOf(member.id)
    expect(row).toMatchObject({ status: 'inactive', role: 'user', password_hash: null, phone_number: null })
    const empty = ['display_name', 'display_name_key', 'bio', 'location', 'website', 'avatar_url']
    for (const name of [...empty, 'cover_image_url', 'last_login_ip', 'last_login_at', 'two_factor_secret']) {
      expect({ name, value: row?.[name] }).toEqual({ name, value: null })
    }
    expect(row?.username).toBe(`deleted-${member.id.slice(-12)}`)
    expect(String(row?.email)).toMatch(/^deleted-[0-9a-f-]{36}@deleted\.invalid$/)
    expect(String(row?.email)).not.toContain(member.id)
    const tables = ['sessions', 'passkeys', 'recovery_codes', 'personal_access_tokens', 'pending_sign_ins']
    for (const table of [
      ...tables,
      'email_verification_tokens',
      'password_reset_tokens',
      'email_change_tokens',
      'email_undo_tokens',
      'passkey_challenges',
    ]) {
      expect({ table, rows: await countStored(app, table, `user_id = '${member.id}'`) }).toEqual({
        table,
        rows: 0,
      })
    }
    const { id } = member
    expect(await countStored(app, 'follows', `follower_id = '${id}' or following_id = '${id}'`)).toBe(0)
    expect(await countStored(app, 'blocks', `blocker_id = '${id}' or blocked_id = '${id}'`)).toBe(0)
    expect((await rowOf(member.friend.id))?.follower_count).toBeOneOf([0, '0'])
  })

  it('ends every door: tokens, names, the page, the search', async () => {
    const { app } = on
    const member = await fullMember()
    const admin = await createSignedInMember(app, { role: 'admin' })
    const moderator = await createSignedInMember(app, { role: 'moderator' })
    expect((await remove(member.id, member.accessToken)).status).toBe(200)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(401)
    const refresh = { body: { refresh_token: member.refreshToken } }
    expect((await app.send('POST', '/auth/refresh', refresh)).status).toBe(401)
    const unknown = await tryToSignIn(app, 'nobody_at_all')
    for (const name of [member.username, member.email]) {
      const { status, body } = await tryToSignIn(app, name)
      expect(status).toBe(401)
      const { request_id: _, instance: __, ...said } = body
      expect(unknown.body).toMatchObject(said)
    }
    for (const token of [undefined, moderator.accessToken]) {
      for (const name of [member.id, member.username, `deleted-${member.id.slice(-12)}`]) {
        const seen = await app.send('GET', `/users/${name}`, token === undefined ? {} : { token })
        expect(seen.status).toBe(404)
      }
    }
    const inactive = await app.send('GET', '/users?status=inactive&limit=100', {
      token: moderator.accessToken,
    })
    expect(inactive.status).toBe(200)
    expect(inactive.text).not.toContain(member.id)
    const seen = await app.send('GET', `/users/${member.id}`, { token: admin.accessToken })
    expect(seen).toMatchObject({
      status: 200,
      body: { username: `deleted-${member.id.slice(-12)}`, bio: null },
    })
    expect(seen.text).not.toContain(member.username)
    expect((await app.send('GET', '/users/search?q=gone+soon')).body.total).toBe(0)
    for (const operation of ['activate', 'suspend', 'deactivate']) {
      const path = `/users/${member.id}/${operation}`
      expect((await app.send('POST', path, { token: admin.accessToken, body: {} })).status).toBe(404)
    }
    await expect(app.app.accounts.admin.activate(member.username)).rejects.toThrow('no such member')
  })

  it('frees the address and keeps the name', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    await remove(member.id, member.accessToken)
    const register = (username: string, email: string) =>
      app.send('POST', '/auth/register', { body: { username, email, password: PASSWORD } })
    const taken = await register(member.username.toUpperCase(), 'other@example.test')
    expect(taken.status).toBe(400)
    expect(taken.body.detail).toContain('username')
    expect((await register('deleted-0123456789ab', 'other@example.test')).status).toBe(422)
    expect((await register(`${member.username}_2`, member.email)).status).toBe(201)
  })

  it('cannot be kept from it by registering the address that would take the place', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const email = `deleted-${member.id}@deleted.invalid`
    const body = { username: `squat_${Date.now()}`, email, password: PASSWORD }
    expect((await app.send('POST', '/auth/register', { body })).status).toBe(201)
    expect((await remove(member.id, member.accessToken)).status).toBe(200)
  })

  it('tells the member at the old address, with who did it, and the log', async () => {
    const { app } = on
    const own = await createSignedInMember(app)
    await remove(own.id, own.accessToken)
    const admin = await createSignedInMember(app, { role: 'admin' })
    const other = await createMember(app)
    await remove(other.id, admin.accessToken)
    await app.settle()
    const [first] = app.mail.to(own.email)
    expect(first?.text).toContain('your account was deleted')
    expect(first?.text).toContain('from 127.0.0.1')
    const [second] = app.mail.to(other.email)
    expect(second?.text).toContain('An administrator did it.')
    expect(second?.text).not.toContain('127.0.0.1')
    const [entry] = await entriesFor(own.id)
    expect(entry).toMatchObject({ actor_id: own.id, result: 'ok', address: '127.0.0.1' })
    expect(entry?.session_id).toBeTruthy()
    expect((await entriesFor(other.id))[0]).toMatchObject({ actor_id: admin.id, result: 'ok' })
  })

  it('is done once by sixteen who ask at once on two nodes, while the member signs in', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await fullMember()
    const requests = Array.from({ length: 16 }, (_, n) =>
      (n % 2 ? app : other).send('DELETE', `/users/${member.id}`, { token: member.accessToken }),
    )
    const signIns = Array.from({ length: 4 }, () => tryToSignIn(app, member.username))
    const answers = await Promise.all(requests)
    const opened = await Promise.all(signIns)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const { status } of answers) expect([200, 401, 404]).toContain(status)
    for (const { status, body } of opened) {
      expect([200, 401]).toContain(status)
      if (status !== 200) continue
      expect((await app.send('GET', '/auth/me', { token: String(body.access_token) })).status).toBe(401)
    }
    expect((await entriesFor(member.id)).filter(({ result }) => result === 'ok')).toHaveLength(1)
    expect(await countStored(app, 'sessions', `user_id = '${member.id}'`)).toBe(0)
    await app.settle()
    const told = app.mail.to(member.email).filter(({ text }) => text.includes('was deleted'))
    expect(told).toHaveLength(1)
  })

  it('tells whoever listens, in the transaction of the deletion', async () => {
    const { app } = on
    const { events } = app.app.platform
    const { userDeleted } = await import('../accounts.events.ts')
    const heard: string[] = []
    events.on(userDeleted, {
      name: `test.hears_${on.dialect}`,
      run: async ({ payload }) => void heard.push(payload.user_id),
    })
    const member = await createSignedInMember(app)
    await remove(member.id, member.accessToken)
    expect(heard).toEqual([])
    await app.settle()
    expect(heard).toEqual([member.id])
  })

  it.each<UserRole>(['user', 'admin'])(
    'lets a %s delete themselves while another administrator is there',
    async (role) => {
      await createMember(on.app, { role: 'admin' })
      const member = await createSignedInMember(on.app, { role })
      expect((await remove(member.id, member.accessToken)).status).toBe(200)
    },
  )
})

it('DELETE /users/{id} lets one administrator try thirty times a minute, so that refusals fill no log', async () => {
  await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
  const { accessToken: token } = await createSignedInMember(app, { role: 'admin' })
  const [other] = await insertMembers(app, 1, { role: 'admin' })
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => app.send('DELETE', `/users/${other?.id}`, { token })),
  )
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(30)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(10)
  expect(await countStored(app, 'audit_events', `object_id = '${other?.id}'`)).toBe(30)
})
