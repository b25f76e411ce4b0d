import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../platform/durations.ts'
import {
  changeEmail,
  createMember,
  createSignedInMember,
  emailChangeTokenFor,
  insertMembers,
  newEmail,
  registerMember,
  resetTokenFor,
  signIn,
  tryToSignIn,
} from '../../testing/factories.ts'
import { forEachApp } from '../../testing/start-test-app.ts'
import { countStored } from '../../testing/stored-rows.ts'
import { insertSession } from './sessions/session.store.ts'
import { insertPendingSignIn } from './two-factor/pending-sign-in.store.ts'

forEachApp('the hourly cleaning', {}, (on) => {
  const clean = async (afterMs: number) => {
    on.app.clock.advance(afterMs)
    await on.app.settle()
  }
  const sessionsOf = (id: string) => countStored(on.app, 'sessions', `user_id = '${id}'`)

  it('forgets a session 90 days after it was ended, and not a moment before', async () => {
    const { app } = on
    const ended = await createSignedInMember(app)
    await app.send('POST', '/auth/logout', { token: ended.accessToken })
    await clean(90 * DAY)
    expect(await sessionsOf(ended.id)).toBe(1)
    await clean(DAY)
    expect(await sessionsOf(ended.id)).toBe(0)
  })

  it('forgets a session 90 days after it expired, and keeps what is younger or open', async () => {
    const { app } = on
    const expired = await createSignedInMember(app)
    await clean(60 * DAY)
    const younger = await signIn(app, expired)
    await clean(59 * DAY)
    expect(await sessionsOf(expired.id)).toBe(2)
    const open = await signIn(app, expired)
    await clean(2 * DAY)
    expect(await sessionsOf(expired.id)).toBe(2)
    expect(
      (await app.send('POST', '/auth/refresh', { body: { refresh_token: open.refreshToken } })).status,
    ).toBe(200)
    expect((await app.send('GET', '/auth/me', { token: younger.accessToken })).status).toBe(401)
  })

  it('forgets mailed links and unfinished sign-ins that are over, and keeps those that are not', async () => {
    const { app } = on
    const { db, newId } = app.app.platform
    const expectStored = async (links: number, resets: number, pending: number) => {
      expect(await countStored(app, 'email_verification_tokens')).toBe(links)
      expect(await countStored(app, 'password_reset_tokens')).toBe(resets)
      expect(await countStored(app, 'pending_sign_ins')).toBe(pending)
    }
    const begin = (user_id: string) => {
      const created_at = app.clock.now()
      const expires_at = new Date(created_at.getTime() + 5 * MINUTE)
      const row = { id: newId(), user_id, created_at, expires_at, token_hash: randomBytes(32), amr: ['pwd'] }
      return db.withSystem((tx) => insertPendingSignIn(tx, row))
    }
    await clean(2 * DAY)
    await expectStored(0, 0, 0)
    const member = await createMember(app)
    await registerMember(app)
    await resetTokenFor(app, member.email)
    await begin(member.id)
    await clean(DAY - HOUR)
    await registerMember(app)
    const link = await resetTokenFor(app, member.email)
    await begin(member.id)
    await expectStored(2, 1, 1)
    await clean(HOUR)
    await expectStored(1, 0, 0)
    const body = { token: link, new_password: 'a sentence nobody would think of' }
    expect((await app.send('POST', '/auth/password-reset/confirm', { body })).status).toBe(400)
  })

  it('forgets what was asked of an address and not proven, and what can be undone no more, and keeps the rest', async () => {
    const { app } = on
    const expectStored = async (changes: number, undos: number) => {
      expect(await countStored(app, 'email_change_tokens')).toBe(changes)
      expect(await countStored(app, 'email_undo_tokens')).toBe(undos)
    }
    await clean(4 * DAY)
    await expectStored(0, 0)
    const member = await createSignedInMember(app)
    await changeEmail(app, member, newEmail())
    await emailChangeTokenFor(app, member, newEmail())
    await expectStored(1, 1)
    await clean(HOUR)
    await expectStored(0, 1)
    await clean(3 * DAY - 2 * HOUR)
    await expectStored(0, 1)
    await clean(2 * HOUR)
    await expectStored(0, 0)
    await changeEmail(app, await createSignedInMember(app), member.email)
  })

  it('forgets more than one batch', async () => {
    const { app } = on
    const { db, clock, newId } = app.app.platform
    const [member] = await insertMembers(app, 1)
    const at = clock.now()
    await db.withSystem(async (tx) => {
      for (let n = 0; n < 1_001; n++) {
        await insertSession(tx, {
          id: newId(),
          user_id: member?.id ?? '',
          created_at: at,
          updated_at: at,
          last_seen_at: at,
          expires_at: at,
          idle_expires_at: at,
          authenticated_at: at,
          amr: ['pwd'],
          refresh_key_id: 'gone',
          refreshed_at: at,
          user_agent: '',
          ip_address: '192.0.2.1',
        })
      }
    })
    await clean(91 * DAY)
    expect(await sessionsOf(member?.id ?? '')).toBe(0)
  })

  it('leaves nobody unable to sign in', async () => {
    const { app } = on
    const member = await createMember(app)
    await clean(400 * DAY)
    expect((await tryToSignIn(app, member.username)).status).toBe(200)
  })
})
