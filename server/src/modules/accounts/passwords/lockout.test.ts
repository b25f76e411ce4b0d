import { expect, it, vi } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import {
  changeMember,
  createMember,
  createSignedInMember,
  newUsername,
  resetTokenFor,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { forEachApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'

const WRONG = 'not the password at all'

/** Makes hashing free: every password is wrong. */
function failEveryPassword({ app }: TestApp) {
  const { hasher } = app.platform
  vi.spyOn(hasher, 'verify').mockResolvedValue(false)
  vi.spyOn(hasher, 'verifyNothing').mockResolvedValue(false)
}

forEachApp('a member whose password is guessed', {}, (on) => {
  const fail = async (name: string, times: number) => {
    for (let n = 0; n < times; n++) {
      expect((await tryToSignIn(on.app, name, WRONG)).status).toBe(401)
      on.app.clock.advance(30 * SECOND)
    }
  }
  const told = async ({ email }: { email: string }, words: string) => {
    await on.app.settle()
    return on.app.mail.to(email).filter(({ text }) => text.includes(words))
  }

  it('C49: is told once that the password is locked, and not of the delays before', async () => {
    failEveryPassword(on.app)
    const member = await createMember(on.app)
    await fail(member.username, 9)
    expect(await told(member, 'password')).toEqual([])
    await fail(member.email, 1)
    expect(await told(member, 'locked for a while')).toHaveLength(1)
    await fail(member.username, 20)
    expect(await told(member, 'locked for a while')).toHaveLength(1)
    const [mail] = await told(member, 'locked for a while')
    expect(mail?.text).toContain('from 127.0.0.1')
    expect(mail?.text).not.toMatch(/https?:/)
    on.app.clock.advance(15 * MINUTE)
    await fail(member.username, 10)
    expect(await told(member, 'locked for a while')).toHaveLength(2)
    vi.restoreAllMocks()
  })

  it('C49: is told once when it is disabled', async () => {
    const { app } = on
    failEveryPassword(app)
    const member = await createMember(app)
    for (let n = 0; n < 100; n++) {
      await tryToSignIn(app, member.username, WRONG)
      app.clock.advance(2 * MINUTE)
    }
    expect(await told(member, 'it is disabled until you set a new one')).toHaveLength(1)
    await fail(member.username, 3)
    expect(await told(member, 'it is disabled until you set a new one')).toHaveLength(1)
    expect(await told(member, 'locked for a while')).toEqual([])
    vi.restoreAllMocks()
    const body = {
      token: await resetTokenFor(app, member.email),
      new_password: 'a sentence nobody would think of',
    }
    expect((await app.send('POST', '/auth/password-reset/confirm', { body })).status).toBe(200)
    expect((await tryToSignIn(app, member.username, body.new_password)).status).toBe(200)
  })

  it('C6: costs the server the same work as a name that nobody has', async () => {
    const { app } = on
    failEveryPassword(app)
    const member = await createMember(app)
    const unknown = newUsername()
    await app.settle()
    const sent = app.mail.sent.length
    const worked = async (name: string) => {
      const jobs = await countStored(app, 'jobs')
      const audits = await countStored(app, 'audit_events')
      await fail(name, 1)
      return [(await countStored(app, 'jobs')) - jobs, (await countStored(app, 'audit_events')) - audits]
    }
    for (let n = 1; n <= 10; n++) {
      const expected = [n === 10 ? 1 : 0, 1]
      expect(await worked(member.username)).toEqual(expected)
      expect(await worked(unknown)).toEqual(expected)
    }
    expect(await told(member, 'locked for a while')).toHaveLength(1)
    expect(app.mail.sent).toHaveLength(sent + 1)
    vi.restoreAllMocks()
  })

  it('is told when the guessing goes on behind a sign-in, by changing the password', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const hash = await app.app.platform.hasher.hash(WRONG)
    failEveryPassword(app)
    vi.spyOn(app.app.platform.hasher, 'hash').mockResolvedValue(hash)
    for (let n = 0; n < 10; n++) {
      const body = { current_password: WRONG, new_password: 'a sentence nobody would think of' }
      const { status } = await app.send('PUT', '/users/me/password', { token: member.accessToken, body })
      expect(status).toBe(400)
      app.clock.advance(30 * SECOND)
    }
    vi.restoreAllMocks()
    expect(await told(member, 'locked for a while')).toHaveLength(1)
  })

  it('is not told any more when the account is gone', async () => {
    const { app } = on
    failEveryPassword(app)
    const member = await createMember(app)
    await fail(member.username, 10)
    await changeMember(app, member.id, { deleted_at: app.clock.now() })
    expect(await told(member, 'locked')).toEqual([])
    vi.restoreAllMocks()
  })
})
