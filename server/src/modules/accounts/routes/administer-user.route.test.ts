import { type UserRole, userRoles } from '@outcry/contract/accounts'
import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../platform/durations.ts'
import {
  changeMember,
  createSignedInMember,
  insertMembers,
  type Member,
  newUsername,
  type SignedInMember,
  signIn,
  tryToSignIn,
  USER_FULL_FIELDS,
} from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const problem = (code: string) => `urn:outcry:problem:${code}`

forEachApp('PUT /users/{id}/admin', {}, (on) => {
  const actors = new Map<string, SignedInMember>()
  const actor = async (role: UserRole): Promise<SignedInMember> => {
    const key = `${on.dialect} ${role}`
    const known = actors.get(key) ?? (await createSignedInMember(on.app, { role }))
    actors.set(key, known)
    return known
  }
  const oneMember = async (traits = {}): Promise<Member> => {
    const [member] = await insertMembers(on.app, 1, traits)
    if (!member) throw new Error('No member was made.')
    return member
  }
  const put = async (id: string, body: unknown, by: UserRole | undefined = 'super_admin') =>
    on.app.send('PUT', `/users/${id}/admin`, { body, token: (await actor(by)).accessToken })
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]
  const entriesFor = (id: string) => storedRows(on.app, 'audit_events', `object_id = '${id}'`)
  const mailTo = async ({ email }: Pick<Member, 'email'>) => {
    await on.app.settle()
    return on.app.mail.to(email)
  }
  const inAnHour = () => new Date(on.app.clock.now().getTime() + HOUR).toISOString()

  it('refuses nobody with 401 and everybody below an administrator with 403', async () => {
    const { id } = await oneMember()
    const answer = await on.app.send('PUT', `/users/${id}/admin`, { body: { role: 'creator' } })
    expect(answer.status).toBe(401)
    for (const role of ['user', 'creator', 'moderator'] as const) {
      expect((await put(id, { role: 'creator' }, role)).status).toBe(403)
    }
    expect((await rowOf(id))?.role).toBe('user')
  })

  it('answers 404 for nobody, malformed ids and deleted members', async () => {
    const gone = await oneMember({ status: 'inactive', deleted_at: on.app.clock.now() })
    const missing = ['01890a5d-ac96-774b-bcce-b302099a8057', 'nobody_has_it', 'a'.repeat(65), gone.id]
    for (const id of missing) {
      const { status, body } = await put(id, { status: 'active' })
      expect({ id, status }).toEqual({ id, status: 404 })
      expect(body.type).toBe(problem('accounts.user_not_found'))
    }
    expect(await rowOf(gone.id)).toMatchObject({ status: 'inactive' })
  })

  it('refuses what is malformed with 422, naming the field', async () => {
    const { id } = await oneMember()
    const past = new Date(on.app.clock.now().getTime() - 1).toISOString()
    const refused: [string, unknown][] = [
      ['role', 'king'],
      ['role', null],
      ['status', 'gone'],
      ['is_verified', 'yes'],
      ['suspension_reason', 'x'.repeat(501)],
      ['suspension_reason', 'a\u202eb'],
      ['suspension_expires_at', 'tomorrow'],
      ['suspension_expires_at', past],
      ['suspension_expires_at', on.app.clock.now().toISOString()],
      ['suspension_expires_at', '9999-12-31T23:59:59.999-14:00'],
      ['suspension_expires_at', '0000-01-01T00:00:00Z'],
    ]
    for (const [field, given] of refused) {
      const { status, body } = await put(id, { is_verified: true, [field]: given })
      expect({ field, given, status }).toEqual({ field, given, status: 422 })
      expect(body.errors).toMatchObject([{ path: `body.${field}` }])
    }
    const row = await rowOf(id)
    expect([Boolean(row?.is_verified), row?.role, row?.status]).toEqual([false, 'user', 'active'])
  })

  it.each(['admin', 'super_admin'] as const)('lets no %s touch themselves', async (role) => {
    const self = await actor(role)
    const before = await rowOf(self.id)
    const changes = [{ role: 'user' }, { role: 'super_admin' }, { status: 'active' }, { is_verified: true }]
    for (const body of changes) {
      for (const name of [self.id, self.username.toUpperCase()]) {
        const answer = await put(name, body, role)
        expect(answer.status).toBe(400)
        expect(answer.body.type).toBe(problem('accounts.own_role'))
      }
    }
    expect(await rowOf(self.id)).toEqual(before)
    const refused = (await entriesFor(self.id)).filter(({ action }) => action === 'account.administered')
    expect(refused.map(({ result, actor_id }) => [result, actor_id])).toEqual(
      Array(8).fill(['refused', self.id]),
    )
  })

  it('lets nobody touch a member at or above them but the highest role', async () => {
    for (const by of userRoles) {
      for (const role of userRoles) {
        const member = await oneMember({ role })
        const isAllowed = by === 'super_admin' || (by === 'admin' && !['admin', 'super_admin'].includes(role))
        for (const body of [
          { is_verified: true },
          { status: 'suspended' },
          { status: 'active', role: 'user' },
        ]) {
          const { status } = await put(member.id, body, by)
          expect({ by, role, body, status }).toEqual({ by, role, body, status: isAllowed ? 200 : 403 })
        }
        expect(await rowOf(member.id)).toMatchObject(
          isAllowed ? { role: 'user', status: 'active' } : { role, status: 'active' },
        )
      }
    }
  })

  it('lets nobody grant a role at or above their own', async () => {
    for (const by of ['admin', 'super_admin'] as const) {
      for (const role of userRoles) {
        const { id } = await oneMember()
        const { status, body } = await put(id, { role, is_verified: true }, by)
        const isAllowed = userRoles.indexOf(role) < userRoles.indexOf(by)
        expect({ by, role, status }).toEqual({ by, role, status: isAllowed ? 200 : 403 })
        if (!isAllowed) expect(body.type).toBe(problem('accounts.not_allowed'))
        expect((await rowOf(id))?.role).toBe(isAllowed ? role : 'user')
        expect(Boolean((await rowOf(id))?.is_verified)).toBe(isAllowed)
      }
    }
  })

  it('puts refusals into the log, with who was refused and why', async () => {
    const { id } = await oneMember({ role: 'admin' })
    await put(id, { role: 'user' }, 'admin')
    const [entry, ...others] = await entriesFor(id)
    expect(others).toEqual([])
    expect(entry).toMatchObject({
      action: 'account.administered',
      result: 'refused',
      actor_id: (await actor('admin')).id,
    })
    expect(JSON.stringify(entry?.details)).toContain('accounts.not_allowed')
  })

  it('answers the whole account, by id and by name', async () => {
    const member = await oneMember()
    const { status, body } = await put(member.username.toUpperCase(), { is_verified: true }, 'admin')
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual([...USER_FULL_FIELDS].sort())
    expect(body).toMatchObject({ id: member.id, email: member.email, is_verified: true })
    expect((await put(member.id, { is_verified: false }, 'admin')).body.is_verified).toBe(false)
  })

  it('C46: changes nothing that it does not declare', async () => {
    const { id } = await oneMember()
    const before = await rowOf(id)
    const body = {
      email: 'x@example.test',
      username: 'x',
      password: 'x',
      bio: 'x',
      deleted_at: null,
      banned_at: 'x',
    }
    expect((await put(id, body)).status).toBe(200)
    expect(await rowOf(id)).toEqual(before)
    expect(await entriesFor(id)).toEqual([])
  })

  it('C48: a higher role opens doors at the next request, a lower one ends every session', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const asThem = (path: string) => app.send('GET', path, { token: member.accessToken })
    const banned = await oneMember({ status: 'banned' })
    expect((await asThem(`/users/${banned.id}`)).status).toBe(404)
    expect((await put(member.id, { role: 'moderator' }, 'admin')).body.role).toBe('moderator')
    expect((await asThem(`/users/${banned.id}`)).status).toBe(200)
    expect((await put(member.id, { role: 'creator' }, 'admin')).status).toBe(200)
    expect((await asThem('/auth/me')).status).toBe(401)
    const refreshed = await app.send('POST', '/auth/refresh', {
      body: { refresh_token: member.refreshToken },
    })
    expect(refreshed.status).toBe(401)
    const [session] = await storedRows(app, 'sessions', `user_id = '${member.id}'`)
    expect(session?.revocation_reason).toBe('admin')
    expect((await signIn(app, member)).accessToken).toBeDefined()
    const mails = await mailTo(member)
    expect(mails.map(({ text }) => text).join('\n')).toMatch(
      /You were moderator and are creator now[\s\S]*You were user and are moderator now/,
    )
    const entries = await entriesFor(member.id)
    const set = entries.filter(({ action }) => action === 'account.role_set_by_admin')
    expect(set).toHaveLength(2)
    const admin = await actor('admin')
    for (const entry of set)
      expect(entry).toMatchObject({ result: 'ok', actor_id: admin.id, address: '127.0.0.1' })
    for (const { session_id, request_id } of set) expect(session_id && request_id).toBeTruthy()
    expect(JSON.stringify(set[1]?.details)).toMatch(/creator.*moderator|moderator.*creator/)
  })

  it.each(['inactive', 'suspended', 'banned', 'pending_verification'] as const)(
    'C48: %s binds open sessions at the next request',
    async (status) => {
      const { app } = on
      const member = await createSignedInMember(app)
      const body = { status, suspension_reason: 'Spam,\nagain and again' }
      expect((await put(member.id, body, 'admin')).body.status).toBe(status)
      expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(401)
      const isPending = status === 'pending_verification'
      expect((await tryToSignIn(app, member.username)).status).toBe(isPending ? 200 : 401)
      const row = await rowOf(member.id)
      const admin = await actor('admin')
      const none = { ban_reason: null, banned_at: null, banned_by_id: null, suspended_at: null }
      if (status === 'banned') {
        expect(row).toMatchObject({ ban_reason: body.suspension_reason, banned_by_id: admin.id })
        expect(row?.banned_at).not.toBeNull()
      } else if (status === 'suspended') {
        const { suspended_at: _, ...unbanned } = none
        expect(row).toMatchObject({ ...unbanned, suspended_by_id: admin.id, suspension_ends_at: null })
        expect(row).toMatchObject({ suspension_reason: body.suspension_reason })
      } else {
        expect(row).toMatchObject(none)
      }
      const [mail] = (await mailTo(member)).filter(({ text }) => text.includes('closed by an administrator'))
      expect(mail?.text).toContain('The reason given: Spam, again and again')
      expect((await put(member.id, { status: 'active' }, 'admin')).body.status).toBe('active')
      expect(await rowOf(member.id)).toMatchObject({
        ...none,
        suspension_reason: null,
        suspended_by_id: null,
      })
      expect((await signIn(app, member)).accessToken).toBeDefined()
    },
  )

  it('suspends until a moment, keeps what is not said anew, and gives it another end', async () => {
    const { id, email } = await oneMember()
    const until = inAnHour()
    await put(id, { status: 'suspended', suspension_reason: 'spam', suspension_expires_at: until }, 'admin')
    const endOf = async () => new Date(String((await rowOf(id))?.suspension_ends_at)).toISOString()
    expect(await endOf()).toBe(until)
    const later = new Date(on.app.clock.now().getTime() + DAY).toISOString()
    await put(id, { suspension_expires_at: later.replace('Z', '+00:00') }, 'admin')
    expect(await endOf()).toBe(later)
    expect((await rowOf(id))?.suspension_reason).toBe('spam')
    await put(id, { suspension_reason: 'worse spam' }, 'admin')
    expect(await endOf()).toBe(later)
    const mails = await mailTo({ email })
    expect(mails[0]?.text).toContain(`until ${later.slice(0, 16).replace('T', ' ')} UTC`)
    await put(id, { suspension_expires_at: null }, 'admin')
    expect((await rowOf(id))?.suspension_ends_at).toBeNull()
  })

  it('does nothing twice: no mail and no entry when nothing changes', async () => {
    const { id, email } = await oneMember({ role: 'creator' })
    for (const body of [{ role: 'creator' }, { status: 'active' }, { is_verified: false }, {}]) {
      expect((await put(id, body, 'admin')).status).toBe(200)
    }
    expect(await entriesFor(id)).toEqual([])
    expect(await mailTo({ email })).toEqual([])
  })

  it('C47: asks an administrator who has a factor for it', async () => {
    const { app } = on
    const admin = await createSignedInMember(app, { role: 'admin', username: newUsername() })
    const { id } = await oneMember()
    const change = () =>
      app.send('PUT', `/users/${id}/admin`, { token: admin.accessToken, body: { role: 'creator' } })
    await changeMember(app, admin.id, { two_factor_enabled: true })
    const { status, headers, body } = await change()
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('insufficient_user_authentication')
    expect(body.type).toBe(problem('accounts.factor_needed'))
    expect((await rowOf(id))?.role).toBe('user')
    await changeMember(app, admin.id, { two_factor_enabled: false })
    expect((await change()).status).toBe(200)
  })

  it('ends with the administrator’s own role', async () => {
    const { app } = on
    const admin = await createSignedInMember(app, { role: 'admin' })
    const { id } = await oneMember()
    await put(admin.id, { role: 'user' })
    const body = { is_verified: true }
    expect((await app.send('PUT', `/users/${id}/admin`, { token: admin.accessToken, body })).status).toBe(401)
    app.clock.advance(MINUTE)
    const again = await signIn(app, admin)
    expect((await app.send('PUT', `/users/${id}/admin`, { token: again.accessToken, body })).status).toBe(403)
  })
})
