import { expect, it } from 'vitest'
import { createOpaqueToken, digestToken } from '../../../platform/crypto/opaque-token.ts'
import { HOUR } from '../../../platform/durations.ts'
import { changeMember, registerMember, signIn, verificationTokenFor } from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'
import { insertEmailVerificationToken } from '../registration/email-verification-token.store.ts'

forEachApp('POST /auth/verify-email', {}, (on) => {
  const verify = (token: unknown) => on.app.send('POST', '/auth/verify-email', { body: { token } })
  const pending = async () => {
    const member = await registerMember(on.app)
    return { ...member, token: await verificationTokenFor(on.app, member.email) }
  }
  const rowOf = async (id: string) => (await storedRows(on.app, 'users', `id = '${id}'`))[0]

  it.each([
    ['an unknown token', 'A'.repeat(43)],
    ['any text', 'nonsense'],
    ['text in other scripts', 'ключ 🔑'],
  ])('refuses %s with 400 and notes the refusal', async (_what, token) => {
    const refused = `action = 'account.email_verified' and result = 'refused'`
    const before = await countStored(on.app, 'audit_events', refused)
    const { status, body } = await verify(token)
    expect(status).toBe(400)
    expect(body.type).toBe('urn:outcry:problem:accounts.token_invalid')
    expect(await countStored(on.app, 'audit_events', refused)).toBe(before + 1)
  })

  it.each([[''], ['x'.repeat(2_049)], [7], [null], [undefined], [['a']]])(
    'refuses the token %j with 422',
    async (token) => {
      const { status, body } = await verify(token)
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.token' }])
    },
  )

  it('refuses access and refresh tokens', async () => {
    const member = await signIn(on.app, await pending())
    expect((await verify(member.accessToken)).status).toBe(400)
    expect((await verify(member.refreshToken)).status).toBe(400)
    expect((await rowOf(member.id))?.status).toBe('pending_verification')
  })

  it('makes a pending account active, once, and says so in shape S', async () => {
    const member = await pending()
    const answer = await verify(member.token)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ success: true, message: expect.any(String), data: null })
    expect(await rowOf(member.id)).toMatchObject({ status: 'active' })
    expect((await rowOf(member.id))?.email_verified_at).not.toBeNull()
    expect((await verify(member.token)).status).toBe(400)
    const [entry] = await storedRows(
      on.app,
      'audit_events',
      `object_id = '${member.id}' and action = 'account.email_verified'`,
    )
    expect(entry).toMatchObject({ result: 'ok', actor_id: member.id })
  })

  it('binds the next request of a session that was opened while pending', async () => {
    const { app } = on
    const member = await signIn(app, await pending())
    expect((await app.send('GET', '/users', { token: member.accessToken })).status).toBe(403)
    await verify(await verificationTokenFor(app, member.email))
    expect((await app.send('GET', '/users', { token: member.accessToken })).status).toBe(200)
  })

  it('lets one of thirty uses at once succeed', async () => {
    const member = await pending()
    const answers = await Promise.all(Array.from({ length: 30 }, () => verify(member.token)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(29).fill(400)])
    const audited = `object_id = '${member.id}' and action = 'account.email_verified'`
    expect(await countStored(on.app, 'audit_events', audited)).toBe(1)
  })

  it('makes every other token of the member worthless', async () => {
    const { db, clock, newId } = on.app.app.platform
    const member = await pending()
    const other = createOpaqueToken()
    await db.withSystem((tx) =>
      insertEmailVerificationToken(tx, {
        id: newId(),
        user_id: member.id,
        created_at: clock.now(),
        token_hash: digestToken(other),
        expires_at: new Date(clock.now().getTime() + HOUR),
      }),
    )
    expect((await verify(member.token)).status).toBe(200)
    expect((await verify(other)).status).toBe(400)
  })

  it('takes a token for 24 hours and not longer', async () => {
    const early = await pending()
    const late = await pending()
    on.app.clock.advance(24 * HOUR - 1)
    expect((await verify(early.token)).status).toBe(200)
    on.app.clock.advance(1)
    expect((await verify(late.token)).status).toBe(400)
    expect((await rowOf(late.id))?.status).toBe('pending_verification')
  })

  it('does not reopen an account that was closed meanwhile', async () => {
    const member = await pending()
    await changeMember(on.app, member.id, { status: 'banned' })
    expect((await verify(member.token)).status).toBe(200)
    expect(await rowOf(member.id)).toMatchObject({ status: 'banned' })
    expect((await rowOf(member.id))?.email_verified_at).not.toBeNull()
  })

  it('changes nothing by GET', async () => {
    const member = await pending()
    expect((await on.app.send('GET', `/auth/verify-email?token=${member.token}`)).status).toBe(405)
    expect((await rowOf(member.id))?.status).toBe('pending_verification')
  })
})
