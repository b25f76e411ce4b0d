import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { DAY } from '../../../platform/durations.ts'
import { createSignedInMember, signIn } from '../../../testing/factories.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const me = async (app: TestApp, token: string) => (await app.send('GET', '/auth/me', { token })).status
const end = (app: TestApp, id: string, token?: string) =>
  app.send('DELETE', `/auth/sessions/${id}`, token ? { token } : {})
const currentOf = async (app: TestApp, token: string): Promise<string> => {
  const { body } = await app.send('GET', '/auth/sessions', { token })
  const items = body.items as { id: string; current: boolean }[]
  return items.find(({ current }) => current)?.id ?? ''
}

forEachApp('DELETE /auth/sessions/{id}', {}, (on) => {
  it('refuses who is not signed in and ends nothing', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    const id = await currentOf(on.app, accessToken)
    for (const token of [undefined, 'nonsense']) expect((await end(on.app, id, token)).status).toBe(401)
    expect(await me(on.app, accessToken)).toBe(200)
  })

  it('answers the same 404 for a session of another, one that is over, none and no id', async () => {
    const { app } = on
    const { id: userId, accessToken, ...member } = await createSignedInMember(app)
    const other = await createSignedInMember(app)
    const ended = await signIn(app, { id: userId, ...member })
    const endedId = await currentOf(app, ended.accessToken)
    await app.send('POST', '/auth/logout', { token: ended.accessToken })
    const otherId = await currentOf(app, other.accessToken)
    const bodies = new Set<string>()
    for (const id of [otherId, endedId, randomUUID(), otherId.toUpperCase(), 'nonsense', '%20']) {
      const { status, body } = await end(app, id, accessToken)
      expect({ id, status }).toEqual({ id, status: 404 })
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
    expect([...bodies][0]).toContain('accounts.session_not_found')
    expect(await me(app, other.accessToken)).toBe(200)
    const entries = await storedRows(
      app,
      'audit_events',
      `actor_id = '${userId}' and action = 'session.ended'`,
    )
    expect(new Set(entries.map(({ result }) => result))).toEqual(new Set(['refused']))
  })

  it('answers 404 for a session that nobody used for 7 days', async () => {
    const { app } = on
    const idle = await createSignedInMember(app)
    const idleId = await currentOf(app, idle.accessToken)
    app.clock.advance(7 * DAY)
    const { accessToken } = await signIn(app, idle)
    expect((await end(app, idleId, accessToken)).status).toBe(404)
  })

  it('ends another session of the member at once, with both of its tokens, and not this one', async () => {
    const { app } = on
    const here = await createSignedInMember(app)
    const there = await signIn(app, here)
    expect(await me(app, there.accessToken)).toBe(200)
    const id = await currentOf(app, there.accessToken)
    const answer = await end(app, id, here.accessToken)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ success: true, message: expect.any(String), data: null })
    expect(await me(app, there.accessToken)).toBe(401)
    const body = { refresh_token: there.refreshToken }
    expect((await app.send('POST', '/auth/refresh', { body })).status).toBe(401)
    expect(await me(app, here.accessToken)).toBe(200)
    const [entry] = await storedRows(app, 'audit_events', `object_id = '${id}' and action = 'session.ended'`)
    expect(entry).toMatchObject({ result: 'ok', actor_id: here.id })
    expect(entry?.session_id).not.toBe(id)
  })

  it('ends the session that asks when it names itself', async () => {
    const { accessToken } = await createSignedInMember(on.app)
    expect((await end(on.app, await currentOf(on.app, accessToken), accessToken)).status).toBe(200)
    expect(await me(on.app, accessToken)).toBe(401)
  })

  it('lets one of twenty at once on two nodes succeed', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const here = await createSignedInMember(app)
    const there = await signIn(app, here)
    const id = await currentOf(app, there.accessToken)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => end(n % 2 ? app : other, id, here.accessToken)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(404)])
    await expect.poll(() => me(other, there.accessToken)).toBe(401)
  })
})
