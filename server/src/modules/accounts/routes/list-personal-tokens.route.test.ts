import { expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../platform/durations.ts'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import { testOwnPages } from '../../../testing/paging.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

forEachApp('GET /auth/tokens', {}, (on) => {
  const list = (token?: string) => on.app.send('GET', '/auth/tokens', token === undefined ? {} : { token })
  const idsOf = ({ body }: Awaited<ReturnType<typeof list>>) =>
    (body.items as { id: string }[]).map(({ id }) => id)

  testOwnPages(on, {
    path: '/auth/tokens',
    async prepare(count) {
      const member = await createSignedInMember(on.app)
      const ids: string[] = []
      for (let n = 0; n < count; n++) {
        if (n === 2) on.app.clock.advance(SECOND)
        ids.unshift((await createPersonalToken(on.app, member, { scopes: ['account:read'] })).id)
      }
      return { token: member.accessToken, ids }
    },
  })

  it('refuses a caller who is nobody, not fresh, or a personal access token', async () => {
    expect((await list()).status).toBe(401)
    const member = await createSignedInMember(on.app)
    const { token } = await createPersonalToken(on.app, member, { scopes: ['account:read'] })
    expect((await list(token)).status).toBe(401)
    on.app.clock.advance(6 * MINUTE)
    expect((await list(member.accessToken)).status).toBe(401)
  })

  it('lists your own, the latest first, without the token or its digest', async () => {
    const member = await createSignedInMember(on.app)
    const other = await createSignedInMember(on.app)
    await createPersonalToken(on.app, other, { scopes: ['account:read'] })
    expect((await list(member.accessToken)).body).toMatchObject({ items: [], total: 0 })
    const made: string[] = []
    for (const scopes of [['account:read'], ['users:read', 'social:write'], ['account:write']]) {
      on.app.clock.advance(SECOND)
      made.unshift((await createPersonalToken(on.app, member, { scopes })).id)
    }
    const answer = await list(member.accessToken)
    expect(answer.body.total).toBe(3)
    expect(idsOf(answer)).toEqual(made)
    const [first] = answer.body.items as Record<string, unknown>[]
    expect(Object.keys(first ?? {}).sort()).toEqual([
      'address_ranges',
      'created_at',
      'credential_id',
      'expires_at',
      'id',
      'last_four',
      'last_used_at',
      'name',
      'path_patterns',
      'rate_per_minute',
      'scopes',
      'updated_at',
    ])
  })

  it('leaves out what has ended or expired', async () => {
    const member = await createSignedInMember(on.app)
    const scopes = ['account:read']
    const expires_at = new Date(on.app.clock.now().getTime() + MINUTE).toISOString()
    const kept = await createPersonalToken(on.app, member, { scopes })
    const ended = await createPersonalToken(on.app, member, { scopes })
    await createPersonalToken(on.app, member, { scopes, expires_at })
    expect((await list(member.accessToken)).body.total).toBe(3)
    await on.app.send('DELETE', `/auth/tokens/${ended.id}`, { token: member.accessToken })
    on.app.clock.advance(MINUTE)
    expect(idsOf(await list(member.accessToken))).toEqual([kept.id])
  })
})
