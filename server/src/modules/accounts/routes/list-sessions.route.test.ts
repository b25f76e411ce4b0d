import { expect, it } from 'vitest'
import { DAY, MINUTE } from '../../../platform/durations.ts'
import {
  createMember,
  createSignedInMember,
  registerMember,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { testOwnPages } from '../../../testing/paging.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

forEachApp('GET /auth/sessions', {}, (on) => {
  const list = (token?: string) => on.app.send('GET', '/auth/sessions', token ? { token } : {})
  const itemsOf = async (token: string) => {
    const { status, body } = await list(token)
    expect(status).toBe(200)
    return body.items as Record<string, unknown>[]
  }

  testOwnPages(on, {
    path: '/auth/sessions',
    async prepare(count) {
      let member = await createSignedInMember(on.app)
      for (let n = 1; n < count; n++) {
        if (n === 2) on.app.clock.advance(MINUTE)
        member = await signIn(on.app, member)
      }
      const rows = await storedRows(on.app, 'sessions', `user_id = '${member.id}'`)
      const ids = rows.map(({ id }) => String(id)).sort()
      return { token: member.accessToken, ids: ids.reverse() }
    },
  })

  it('refuses who is not signed in', async () => {
    expect((await list()).status).toBe(401)
    expect((await list('nonsense')).status).toBe(401)
  })

  it('shows what a member may know of a session, and nothing else', async () => {
    const { app } = on
    const member = await createMember(app)
    const { body } = await app.send('POST', '/auth/login/json', {
      body: { username_or_email: member.username, password: member.password },
      headers: { 'user-agent': FIREFOX },
    })
    const created = app.clock.now().toISOString()
    const answer = await list(String(body.access_token))
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toEqual({
      items: [
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          device: 'Firefox on Windows',
          address: '127.0.0.0/24',
          created_at: created,
          last_seen_at: created,
          expires_at: new Date(app.clock.now().getTime() + 30 * DAY).toISOString(),
          factors: ['pwd'],
          current: true,
        },
      ],
      ...{ total: 1, skip: 0, limit: 20, next_cursor: null },
    })
  })

  it('lists the latest first, marks the one that asks, and leaves out strangers', async () => {
    const { app } = on
    const first = await createSignedInMember(app)
    await createSignedInMember(app)
    app.clock.advance(MINUTE)
    const second = await signIn(app, first)
    const current = async (token: string) => (await itemsOf(token)).map((item) => item.current)
    expect(await current(first.accessToken)).toEqual([false, true])
    expect(await current(second.accessToken)).toEqual([true, false])
  })

  it('tells when a session was refreshed last', async () => {
    const { app } = on
    const { refreshToken } = await createSignedInMember(app)
    app.clock.advance(40 * MINUTE)
    const { body } = await app.send('POST', '/auth/refresh', { body: { refresh_token: refreshToken } })
    const [item] = await itemsOf(String(body.access_token))
    expect(item?.last_seen_at).toBe(app.clock.now().toISOString())
    expect(item?.created_at).not.toBe(item?.last_seen_at)
  })

  it('leaves out what was ended, idle for 7 days or over', async () => {
    const { app } = on
    const idle = await createSignedInMember(app)
    app.clock.advance(7 * DAY)
    const ended = await signIn(app, idle)
    const { accessToken } = await signIn(app, idle)
    await app.send('POST', '/auth/logout', { token: ended.accessToken })
    expect(await itemsOf(accessToken)).toHaveLength(1)
  })

  it('never shows more than twenty: the oldest makes room', async () => {
    const { app } = on
    const oldest = await createSignedInMember(app)
    const held = []
    for (let n = 0; n < 20; n++) {
      app.clock.advance(1_000)
      held.push(String((await tryToSignIn(app, oldest.username)).body.access_token))
    }
    expect((await list(oldest.accessToken)).status).toBe(401)
    expect(await itemsOf(held[0] ?? '')).toHaveLength(20)
  })

  it('shows pending members theirs', async () => {
    const { accessToken } = await signIn(on.app, await registerMember(on.app))
    expect(await itemsOf(accessToken)).toHaveLength(1)
  })
})
