import { expect, it } from 'vitest'
import {
  changeMember,
  createMember,
  createSignedInMember,
  newUsername,
  PASSWORD,
  registerMember,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const me = async (app: TestApp, token: string) => (await app.send('GET', '/auth/me', { token })).status
const entriesFor = (app: TestApp, id: string, action: string) =>
  storedRows(app, 'audit_events', `object_id = '${id}' and action = 'account.${action}_by_operator'`)
const newAccount = (patch = {}) => {
  const username = newUsername()
  return { username, email: `${username}@example.test`, password: PASSWORD, displayName: null, ...patch }
}

forEachApp('the operator', {}, (on) => {
  const admin = () => on.app.app.accounts.admin

  it('makes an active account of any role that can sign in at once, without a mail', async () => {
    const { app } = on
    const account = newAccount()
    const { id } = await admin().create(account, { role: 'admin', status: 'active' })
    await app.settle()
    expect(app.mail.to(account.email)).toEqual([])
    const { accessToken } = await signIn(app, { id, ...account })
    const { body } = await app.send('GET', '/auth/me', { token: accessToken })
    expect(body).toMatchObject({ role: 'admin', status: 'active' })
    expect(body.email_verified_at).toBe(app.clock.now().toISOString())
    const [entry] = await entriesFor(app, id, 'created')
    expect(entry).toMatchObject({ result: 'ok', actor_id: null })
    expect(await app.app.accounts.hasAdmin()).toBe(true)
  })

  it('makes a pending account that gets its mail', async () => {
    const account = newAccount()
    const { status } = await admin().create(account)
    await on.app.settle()
    expect(status).toBe('pending_verification')
    expect(on.app.mail.to(account.email)).toHaveLength(1)
  })

  it('may use the names of the operator, but none that leads elsewhere', async () => {
    const { username } = await admin().create(newAccount({ username: 'Administrator' }))
    expect(username).toBe('Administrator')
    const taken = admin().create(newAccount({ username: 'search' }))
    await expect(taken).rejects.toMatchObject({ code: 'accounts.username_reserved' })
  })

  it.each([
    [{ password: 'password1234' }, 'accounts.password_refused'],
    [{ password: 'short' }, 'accounts.password_refused'],
    [{ email: 'nonsense' }, 'accounts.email_invalid'],
  ])('is held to the same rules: %j', async (patch, code) => {
    const before = await countStored(on.app, 'users')
    await expect(admin().create(newAccount(patch))).rejects.toMatchObject({ code })
    expect(await countStored(on.app, 'users')).toBe(before)
  })

  it('is told when a name or address is taken', async () => {
    const { username, email } = await createMember(on.app)
    await expect(admin().create(newAccount({ username }))).rejects.toMatchObject({
      code: 'accounts.username_taken',
    })
    await expect(admin().create(newAccount({ email }))).rejects.toMatchObject({
      code: 'accounts.email_taken',
    })
  })

  it('sets a password, which ends every session and forgets failed sign-ins', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    for (let n = 0; n < 10; n++) {
      await tryToSignIn(app, member.username, 'not the password')
      app.clock.advance(30_000)
    }
    expect((await tryToSignIn(app, member.username)).status).toBe(401)
    expect(await me(app, member.accessToken)).toBe(200)
    const password = 'a password that is new'
    await admin().setPassword(member.username.toUpperCase(), password)
    expect(await me(app, member.accessToken)).toBe(401)
    const refresh_token = member.refreshToken
    expect((await app.send('POST', '/auth/refresh', { body: { refresh_token } })).status).toBe(401)
    expect((await tryToSignIn(app, member.username, PASSWORD)).status).toBe(401)
    expect((await tryToSignIn(app, member.username, password)).status).toBe(200)
    expect(await entriesFor(app, member.id, 'password_set')).toHaveLength(1)
  })

  it('cannot set a password that the rules refuse', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const refused = admin().setPassword(member.username, `${member.username} and more`)
    await expect(refused).rejects.toMatchObject({ code: 'accounts.password_refused' })
    expect(await me(app, member.accessToken)).toBe(200)
    expect(await entriesFor(app, member.id, 'password_set')).toEqual([])
  })

  it('sets a role: a higher one binds at once, a lower one ends every session', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    await changeMember(app, (await createMember(app)).id, { status: 'banned' })
    const banned = () => app.send('GET', '/users?status=banned', { token: member.accessToken })
    const before = await banned()
    await admin().setRole(member.username, 'moderator')
    expect((await banned()).body.total).not.toBe(before.body.total)
    expect(await me(app, member.accessToken)).toBe(200)
    await admin().setRole(member.username, 'creator')
    expect(await me(app, member.accessToken)).toBe(401)
    const entries = await entriesFor(app, member.id, 'role_set')
    expect(entries).toHaveLength(2)
    expect(JSON.stringify(entries.map(({ details }) => details))).toContain('moderator')
  })

  it.each(['inactive', 'suspended', 'banned'] as const)('makes a member active who is %s', async (status) => {
    const { app } = on
    const member = await createSignedInMember(app)
    const since = { suspended_at: app.clock.now(), suspension_reason: 'spam', ban_reason: 'spam' }
    await changeMember(app, member.id, { status, ...since })
    expect(await me(app, member.accessToken)).toBe(403)
    await admin().activate(member.username)
    expect(await me(app, member.accessToken)).toBe(200)
    const [row] = await storedRows(app, 'users', `id = '${member.id}'`)
    expect(row).toMatchObject({
      status: 'active',
      suspended_at: null,
      suspension_reason: null,
      ban_reason: null,
    })
    expect(await entriesFor(app, member.id, 'status_set')).toHaveLength(1)
  })

  it('makes a pending member active, for communities without mail', async () => {
    const { app } = on
    const member = await registerMember(app)
    await admin().activate(member.username)
    const { accessToken } = await signIn(app, member)
    const { body } = await app.send('GET', '/auth/me', { token: accessToken })
    expect(body).toMatchObject({ status: 'active', email_verified_at: app.clock.now().toISOString() })
  })

  it('is told when nobody has the name', async () => {
    const nobody = { code: 'accounts.user_not_found' }
    await expect(admin().setPassword('nobody', PASSWORD)).rejects.toMatchObject(nobody)
    await expect(admin().setRole('nobody', 'admin')).rejects.toMatchObject(nobody)
    await expect(admin().activate('a'.repeat(60))).rejects.toMatchObject(nobody)
  })

  it('binds the next request on another node as soon as the note arrives', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await createSignedInMember(app)
    await expect.poll(() => other.app.platform.signals.isLive || dialect === 'sqlite').toBe(true)
    expect(await me(other, member.accessToken)).toBe(200)
    await admin().setRole(member.username, 'creator')
    const role = async () => (await other.send('GET', '/auth/me', { token: member.accessToken })).body.role
    await expect.poll(role).toBe('creator')
    await admin().setPassword(member.username, 'yet another password')
    expect(await me(app, member.accessToken)).toBe(401)
    await expect.poll(() => me(other, member.accessToken)).toBe(401)
  })
})
