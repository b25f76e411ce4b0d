import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { createMember, createSignedInMember, signIn, storePasswordHash } from '../../../testing/factories.ts'
import { addPasskey, requestOptions, sendPasskeyLogin, tryPasskeyLogin } from '../../../testing/passkeys.ts'
import { softwareAuthenticator } from '../../../testing/software-authenticator.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

forEachApp('DELETE /auth/passkeys/{id}', {}, (on) => {
  const remove = (id: string, token?: string) =>
    on.app.send('DELETE', `/auth/passkeys/${id}`, token ? { token } : {})
  const isThere = async (id: string) => (await countStored(on.app, 'passkeys', `id = '${id}'`)) === 1

  it('refuses who is not signed in, or proved it more than five minutes ago', async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await addPasskey(on.app, member)
    expect((await remove(id)).status).toBe(401)
    on.app.clock.advance(5 * MINUTE + SECOND)
    expect((await remove(id, member.accessToken)).body.code).toBe('http.insufficient_user_authentication')
    expect(await isThere(id)).toBe(true)
  })

  it('answers 404 for another’s passkey, for none, and for what is no id', async () => {
    const [owner, other] = [await createSignedInMember(on.app), await createSignedInMember(on.app)]
    const { id } = await addPasskey(on.app, owner)
    const bodies = new Set<string>()
    for (const tried of [id, randomUUID(), 'x']) {
      const { status, body } = await remove(tried, other.accessToken)
      expect(status).toBe(404)
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
    expect([...bodies][0]).toContain('accounts.passkey_not_found')
    expect(await isThere(id)).toBe(true)
  })

  it('ends every other session and what was begun with it, tells the member and the audit log', async () => {
    const { app } = on
    const member = await createMember(app)
    const own = await signIn(app, member)
    const { id, authenticator } = await addPasskey(app, own)
    const other = await signIn(app, member)
    const begun = await requestOptions(app)
    const { status, body } = await remove(id, own.accessToken)
    expect({ status, body }).toMatchObject({ status: 200, body: { success: true } })
    expect(await isThere(id)).toBe(false)
    expect((await sendPasskeyLogin(app, authenticator.get(begun))).status).toBe(401)
    expect((await tryPasskeyLogin(app, authenticator)).status).toBe(401)
    expect((await app.send('GET', '/auth/me', { token: other.accessToken })).status).toBe(401)
    expect((await app.send('GET', '/auth/me', { token: own.accessToken })).status).toBe(200)
    const ended = await storedRows(app, 'sessions', `user_id = '${member.id}' and revoked_at is not null`)
    expect(ended).toMatchObject([{ revocation_reason: 'factor' }])
    await app.settle()
    expect(app.mail.to(member.email)[0]?.text).toContain('a passkey was removed')
    const audited = await storedRows(
      app,
      'audit_events',
      `object_id = '${id}' and action = 'passkey.removed'`,
    )
    expect(audited).toMatchObject([{ result: 'ok', actor_id: member.id }])
    expect((await remove(id, own.accessToken)).status).toBe(404)
  })

  it('makes room for the same credential again', async () => {
    const member = await createSignedInMember(on.app)
    const { id, authenticator } = await addPasskey(on.app, member)
    await remove(id, member.accessToken)
    await addPasskey(on.app, member, authenticator)
    expect((await tryPasskeyLogin(on.app, authenticator)).status).toBe(200)
  })

  it('keeps the last passkey of a member without a password', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const [one, two] = [await addPasskey(app, member), await addPasskey(app, member)]
    await storePasswordHash(app, member.id, null)
    expect((await remove(one.id, member.accessToken)).status).toBe(200)
    const { status, body } = await remove(two.id, member.accessToken)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'accounts.last_passkey' })
    expect(await isThere(two.id)).toBe(true)
  })

  it('counts a flagged passkey for nothing, and lets it go', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const flagged = await addPasskey(app, member)
    const good = await addPasskey(app, member, softwareAuthenticator())
    await storePasswordHash(app, member.id, null)
    await tryPasskeyLogin(app, flagged.authenticator, { counter: 9 })
    expect((await tryPasskeyLogin(app, flagged.authenticator, { counter: 9 })).status).toBe(401)
    expect((await remove(good.id, member.accessToken)).body.code).toBe('accounts.last_passkey')
    expect((await remove(flagged.id, member.accessToken)).status).toBe(200)
  })

  it('leaves one passkey, when a member without a password removes all of them at once', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const ids: string[] = []
    for (let n = 0; n < 16; n++) ids.push((await addPasskey(app, member)).id)
    await storePasswordHash(app, member.id, null)
    const answers = await Promise.all(ids.map((id) => remove(id, member.accessToken)))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(15).fill(200), 400])
    expect(await countStored(app, 'passkeys', `user_id = '${member.id}'`)).toBe(1)
  })

  it('never leaves a session that was opened with a passkey while it was removed', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    for (let round = 0; round < 8; round++) {
      const { id, authenticator } = await addPasskey(app, member)
      const credential = authenticator.get(await requestOptions(app))
      const [opened] = await Promise.all([sendPasskeyLogin(app, credential), remove(id, member.accessToken)])
      if (opened.status === 200) {
        const token = String(opened.body.access_token)
        expect((await app.send('GET', '/auth/me', { token })).status).toBe(401)
      }
    }
  })
})
