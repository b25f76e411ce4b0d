import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../platform/durations.ts'
import { createPersonalToken } from '../../../testing/factories.ts'
import { passMonotonically } from '../../../testing/monotonic-clock.ts'
import { insertSignedInMember, insertSignedInMembers } from '../../../testing/signed-in-rows.ts'
import { startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { runAsOwner, storedRows } from '../../../testing/stored-rows.ts'
import { createSignedInUsers } from './signed-in-users.ts'

const ask = async (app: TestApp, path: string, token: string) =>
  (await app.send('GET', path, { token })).status

it('C32: a session that ended elsewhere without a note is refused at once where it matters, and after five seconds everywhere', async () => {
  await using app = await startTestApp({ dialect: 'postgres' })
  const member = await insertSignedInMember(app)
  await expect.poll(() => app.app.platform.signals.isLive).toBe(true)
  expect(await ask(app, '/users/me', member.accessToken)).toBe(200)
  await runAsOwner(app, `update sessions set revoked_at = now() where user_id = '${member.id}'`)
  expect(await ask(app, '/auth/passkeys', member.accessToken)).toBe(401)
  const deletion = await app.send('DELETE', `/users/${member.id}`, { token: member.accessToken })
  expect(deletion).toMatchObject({ status: 401, body: { code: 'http.unauthenticated' } })
  expect(await ask(app, '/users/me', member.accessToken)).toBe(200)
  passMonotonically(5 * SECOND)
  expect(await ask(app, '/users/me', member.accessToken)).toBe(401)
})

it('C48: a member who is banned elsewhere without a note is refused likewise, and their programs at once', async () => {
  await using app = await startTestApp({ dialect: 'postgres' })
  const member = await insertSignedInMember(app)
  const { token } = await createPersonalToken(app, member, { scopes: ['account:read'] })
  await expect.poll(() => app.app.platform.signals.isLive).toBe(true)
  expect(await ask(app, '/users/me', member.accessToken)).toBe(200)
  await runAsOwner(app, `update users set status = 'banned' where id = '${member.id}'`)
  expect(await ask(app, '/users/me', token)).toBe(403)
  expect(await ask(app, '/auth/passkeys', member.accessToken)).toBe(403)
  passMonotonically(5 * SECOND)
  expect(await ask(app, '/users/me', member.accessToken)).toBe(403)
})

describe.each(['sqlite', 'postgres'] as const)('members who ask in one turn (%s)', (dialect) => {
  it('are each told apart, whether they were remembered or not', async () => {
    await using app = await startTestApp({ dialect })
    const members = await insertSignedInMembers(app, 150)
    for (const _ of [1, 2]) {
      const answers = await Promise.all(
        members.map(({ accessToken: token }) => app.send('GET', '/auth/me', { token })),
      )
      expect(answers.map(({ body }) => body.id)).toEqual(members.map(({ id }) => id))
    }
  })

  it('are nobody in the session of another', async () => {
    await using app = await startTestApp({ dialect })
    const { db, signals } = app.app.platform
    const users = createSignedInUsers({ db, signals })
    const [anna, ben] = await insertSignedInMembers(app, 2)
    const [theirs] = await storedRows(app, 'sessions', `user_id = '${ben?.id}'`)
    const sessionId = String(theirs?.id)
    for (const mustBeCurrent of [true, false, false]) {
      const found = [anna, ben].map((member) =>
        users.find({ sessionId, userId: member?.id ?? '' }, mustBeCurrent),
      )
      const rows = await Promise.all(found)
      expect(rows.map((row) => row?.id)).toEqual([undefined, ben?.id])
    }
  })
})
