import { expect, it } from 'vitest'
import { findAuditFault } from '../../../platform/audit/audit-fault.ts'
import {
  changeEmail,
  createSignedInMember,
  emailChangeTokenFor,
  newEmail,
  newUsername,
  PASSWORD,
  resetTokenFor,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { type AppFixture, forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const ROUNDS = 6

const post = (path: string, token: string) => (node: TestApp) =>
  node.send('POST', `/auth/email-change/${path}`, { body: { token } })

forEachApp('a change of address beside others', {}, (on: AppFixture) => {
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]
  const undos = (id: string) => storedRows(on.app, 'email_undo_tokens', `user_id = '${id}'`)
  const expectSound = async () =>
    expect(await findAuditFault(on.app.app.platform.db.asSystem())).toBeUndefined()

  it('is made by one of twenty uses of its link at once on two nodes', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await createSignedInMember(app)
    const next = newEmail()
    const confirm = post('confirm', await emailChangeTokenFor(app, member, next))
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => confirm(n % 2 ? app : other)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)])
    expect((await rowOf(member.id))?.email).toBe(next)
    expect(await undos(member.id)).toMatchObject([{ email: member.email }])
    await expectSound()
  })

  it('is undone by one of twenty uses of its link at once on two nodes', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const member = await createSignedInMember(app)
    const undo = post('undo', await changeEmail(app, member, newEmail()))
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => undo(n % 2 ? app : other)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)])
    expect((await rowOf(member.id))?.email).toBe(member.email)
    await app.settle()
    const resets = app.mail.to(member.email).filter(({ text }) => text.includes('/reset#token='))
    expect(resets).toHaveLength(1)
  })

  it('gives a free address to one of two members and one who registers at once', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    for (let round = 0; round < ROUNDS; round++) {
      const email = newEmail()
      const [one, two] = [await createSignedInMember(app), await createSignedInMember(app)]
      const links = [await emailChangeTokenFor(app, one, email), await emailChangeTokenFor(app, two, email)]
      const body = { username: newUsername(), email, password: PASSWORD }
      const answers = await Promise.all([
        post('confirm', links[0] ?? '')(app),
        post('confirm', links[1] ?? '')(other),
        app.send('POST', '/auth/register', { body }),
      ])
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status < 300)).toHaveLength(1)
      expect(statuses.filter((status) => status === 400)).toHaveLength(2)
      expect(await countStored(app, 'users', `email = '${email}'`)).toBe(1)
      const lost = [one, two].filter((_, n) => statuses[n] === 400)
      for (const { id, email: kept } of lost) {
        expect((await rowOf(id))?.email).toBe(kept)
        expect(await undos(id)).toEqual([])
      }
    }
    await expectSound()
  })

  it('leaves the address of before to nobody who asks for it in that moment', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    for (let round = 0; round < ROUNDS; round++) {
      const member = await createSignedInMember(app)
      const confirm = post('confirm', await emailChangeTokenFor(app, member, newEmail()))
      const register = (node: TestApp) =>
        node.send('POST', '/auth/register', {
          body: { username: newUsername(), email: member.email, password: PASSWORD },
        })
      const [confirmed, ...registered] = await Promise.all([
        confirm(app),
        ...Array.from({ length: 8 }, (_, n) => register(n % 2 ? app : other)),
      ])
      expect(confirmed.status).toBe(200)
      expect(registered.map(({ status }) => status)).toEqual(Array(8).fill(400))
      expect(await countStored(app, 'users', `email = '${member.email}'`)).toBe(0)
    }
  })

  it('beside an undo of the one before ends at the oldest address, whichever comes first', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    for (let round = 0; round < ROUNDS; round++) {
      const member = await createSignedInMember(app)
      const [second, third] = [newEmail(), newEmail()]
      const undo = post('undo', await changeEmail(app, member, second))
      const confirm = post('confirm', await emailChangeTokenFor(app, member, third))
      const [undone, confirmed] = await Promise.all([undo(app), confirm(other)])
      expect(undone.status).toBe(200)
      expect([200, 400]).toContain(confirmed.status)
      expect((await rowOf(member.id))?.email).toBe(member.email)
      expect(await undos(member.id)).toEqual([])
      expect(await countStored(app, 'sessions', `user_id = '${member.id}' and revoked_at is null`)).toBe(0)
    }
    await expectSound()
  })

  it('leaves nothing of a member who is deleted in that moment, and no address is held', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    for (let round = 0; round < ROUNDS; round++) {
      const member = await createSignedInMember(app)
      const { id, accessToken: token } = member
      const next = newEmail()
      const undo = post('undo', await changeEmail(app, member, newEmail()))
      const confirm = post('confirm', await emailChangeTokenFor(app, member, next))
      const answers = await Promise.all([
        confirm(app),
        other.send('DELETE', `/users/${id}`, { token }),
        ...(round % 2 ? [undo(other)] : []),
        app.send('POST', '/users/me/email', { token, body: { email: newEmail() } }),
        tryToSignIn(app, member.username),
      ])
      expect(answers.filter(({ status }) => ![200, 202, 400, 401].includes(status))).toEqual([])
      if (answers[1]?.status !== 200) continue
      expect(String((await rowOf(id))?.email)).toMatch(/@deleted\.invalid$/)
      expect(await undos(id)).toEqual([])
      expect(await countStored(app, 'email_change_tokens', `user_id = '${id}'`)).toBe(0)
    }
    await expectSound()
  })

  it('runs beside everything else that a member does or others do with them, none waiting in a circle', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    for (let round = 0; round < ROUNDS; round++) {
      const member = await createSignedInMember(app)
      const friends = await Promise.all([createSignedInMember(app), createSignedInMember(app)])
      const { id, accessToken: token, refreshToken: refresh_token, password, email } = member
      const undo = post('undo', await changeEmail(app, member, newEmail()))
      const reset = await resetTokenFor(app, String((await rowOf(id))?.email))
      const confirm = post('confirm', await emailChangeTokenFor(app, member, newEmail()))
      const next = 'a sentence nobody would think of'
      const answers = await Promise.all([
        ...friends.map((friend) => app.send('POST', `/users/${id}/follow`, { token: friend.accessToken })),
        confirm(app),
        tryToSignIn(other, member.username),
        other.send('POST', '/auth/password-reset', { body: { email } }),
        other.send('POST', '/auth/password-reset/confirm', { body: { token: reset, new_password: next } }),
        app.send('PUT', '/users/me/password', {
          token,
          body: { current_password: password, new_password: next },
        }),
        other.send('POST', '/auth/refresh', { body: { refresh_token } }),
        other.send('POST', '/auth/tokens', { token, body: { name: 'bot', scopes: ['account:read'] } }),
        app.send('POST', '/auth/passkeys/options', { token, body: {} }),
        ...(round % 2 ? [undo(other)] : []),
        app.send('POST', '/users/me/email', { token, body: { email: newEmail() } }),
        other.send('PUT', '/users/me', { token, body: { bio: 'Still here' } }),
        tryToSignIn(app, email),
      ])
      expect(answers.filter(({ status }) => status >= 500)).toEqual([])
      await Promise.all([app.settle(), other.settle()])
    }
    await expectSound()
  })
})
