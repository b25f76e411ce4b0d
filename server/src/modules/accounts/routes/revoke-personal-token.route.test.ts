import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { MINUTE } from '../../../platform/durations.ts'
import { createPersonalToken, createSignedInMember } from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const scopes = ['account:read']

forEachApp('DELETE /auth/tokens/{id}', {}, (on) => {
  const end = (id: string, token?: string) =>
    on.app.send('DELETE', `/auth/tokens/${id}`, token === undefined ? {} : { token })
  const isLive = async (id: string) =>
    (await countStored(on.app, 'personal_access_tokens', `id = '${id}' and revoked_at is null`)) === 1

  it('refuses a caller who is nobody, not fresh, or a personal access token', async () => {
    const member = await createSignedInMember(on.app)
    const { id, token } = await createPersonalToken(on.app, member, { scopes })
    expect((await end(id)).status).toBe(401)
    expect((await end(id, token)).status).toBe(401)
    on.app.clock.advance(6 * MINUTE)
    expect((await end(id, member.accessToken)).status).toBe(401)
    expect(await isLive(id)).toBe(true)
  })

  it('answers the same 404 for one of somebody else, one that has ended or expired, none, and nonsense', async () => {
    const [member, other] = [await createSignedInMember(on.app), await createSignedInMember(on.app)]
    const expires_at = new Date(on.app.clock.now().getTime() + MINUTE).toISOString()
    const foreign = await createPersonalToken(on.app, other, { scopes })
    const ended = await createPersonalToken(on.app, member, { scopes })
    const expired = await createPersonalToken(on.app, member, { scopes, expires_at })
    expect((await end(ended.id, member.accessToken)).status).toBe(200)
    on.app.clock.advance(MINUTE)
    const answers = await Promise.all(
      [foreign.id, ended.id, expired.id, randomUUID(), 'nonsense', foreign.id.toUpperCase()].map((id) =>
        end(id, member.accessToken),
      ),
    )
    for (const { status, body } of answers) {
      expect(status).toBe(404)
      expect(body.type).toBe('urn:outcry:problem:accounts.personal_token_not_found')
      expect(body.detail).toBe('There is no such token.')
    }
    expect(await isLive(foreign.id)).toBe(true)
    expect((await on.app.send('GET', '/auth/me', { token: foreign.token })).status).toBe(200)
  })

  it('ends that token and no other, from the next request on', async () => {
    const member = await createSignedInMember(on.app)
    const kept = await createPersonalToken(on.app, member, { scopes })
    const ended = await createPersonalToken(on.app, member, { scopes })
    expect((await on.app.send('GET', '/auth/me', { token: ended.token })).status).toBe(200)
    const { status, body } = await end(ended.id, member.accessToken)
    expect([status, body]).toEqual([200, { success: true, message: 'The token has ended.', data: null }])
    const refused = await on.app.send('GET', '/auth/me', { token: ended.token })
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect((await on.app.send('GET', '/auth/me', { token: kept.token })).status).toBe(200)
    expect((await on.app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(200)
  })

  it('succeeds once of 16 requests at once, and is in the audit log', async () => {
    const member = await createSignedInMember(on.app)
    const { id } = await createPersonalToken(on.app, member, { scopes })
    const answers = await Promise.all(Array.from({ length: 16 }, () => end(id, member.accessToken)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(15).fill(404)])
    const where = `action = 'personal_token.revoked' and actor_id = '${member.id}'`
    const entries = await storedRows(on.app, 'audit_events', where)
    expect(entries.filter(({ result }) => result === 'ok').map(({ object_id }) => object_id)).toEqual([id])
    expect(entries.filter(({ result }) => result === 'refused')).toHaveLength(15)
  })
})
