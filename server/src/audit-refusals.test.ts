import { expect, it } from 'vitest'
import { findAuditFault } from './platform/audit/audit-fault.ts'
import { createPersonalToken } from './testing/factories.ts'
import { type ActingMember, insertSignedInMember } from './testing/signed-in-rows.ts'
import { forEachApp } from './testing/start-test-app.ts'
import { storedRows } from './testing/stored-rows.ts'

forEachApp('C76: access that is refused', {}, (on) => {
  const entriesOf = async ({ id }: ActingMember) => {
    const rows = await storedRows(on.app, 'audit_events', `actor_id = '${id}' and action = 'access.refused'`)
    return rows.map(({ details, ...row }): Record<string, unknown> => {
      const facts: unknown = typeof details === 'string' ? JSON.parse(details) : details
      return { ...row, details: facts }
    })
  }
  const administer = ({ id }: { id: string }, token: string) =>
    on.app.send('PUT', `/users/${id}/admin?token=in-the-query`, { token, body: { role: 'super_admin' } })

  it('is in the log with who, where from, what and why, and with nothing that was sent', async () => {
    const { app } = on
    const actor = await insertSignedInMember(app, { role: 'moderator' })
    const answer = await administer(actor, actor.accessToken)
    expect(answer.status).toBe(403)
    const [entry, ...others] = await entriesOf(actor)
    expect(others).toEqual([])
    expect(entry).toMatchObject({
      result: 'refused',
      address: '127.0.0.1',
      request_id: answer.body.instance,
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      details: { route: 'PUT /api/v1/users/{id}/admin', code: 'http.forbidden' },
    })
    expect(JSON.stringify(entry)).not.toContain('in-the-query')
    expect(JSON.stringify(entry)).not.toContain(actor.accessToken)
  })

  it('is in the log for tokens without the scope and for accounts that are not active', async () => {
    const { app } = on
    const actor = await insertSignedInMember(app)
    const { token, id: token_id } = await createPersonalToken(app, actor, { scopes: ['users:read'] })
    expect((await app.send('PUT', '/users/me', { token, body: {} })).status).toBe(403)
    const [entry] = await entriesOf(actor)
    const unscoped = { route: 'PUT /api/v1/users/me', code: 'http.insufficient_scope', token_id }
    expect(entry).toMatchObject({ session_id: null, details: unscoped })
    const pending = await insertSignedInMember(app, { status: 'pending_verification' })
    expect((await app.send('GET', '/users', { token: pending.accessToken })).status).toBe(403)
    const [second] = await entriesOf(pending)
    expect(second?.details).toEqual({ route: 'GET /api/v1/users', code: 'http.account_not_active' })
  })

  it('is not in the log when nobody is signed in, when a proof is missing, or when nothing is refused', async () => {
    const { app } = on
    const actor = await insertSignedInMember(app)
    const before = (await storedRows(app, 'audit_events')).length
    expect((await app.send('PUT', `/users/${actor.id}/admin`, { body: {} })).status).toBe(401)
    expect((await administer(actor, 'nonsense')).status).toBe(401)
    expect((await app.send('GET', '/users', { token: actor.accessToken })).status).toBe(200)
    expect((await storedRows(app, 'audit_events')).length).toBe(before)
  })

  it('fills the log for nobody: twenty entries an hour of one account, every request refused all the same', async () => {
    const { app } = on
    const actor = await insertSignedInMember(app)
    const other = await insertSignedInMember(app)
    const answers = await Promise.all(Array.from({ length: 60 }, () => administer(other, actor.accessToken)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]))
    expect(await entriesOf(actor)).toHaveLength(20)
    expect((await administer(actor, other.accessToken)).status).toBe(403)
    expect(await entriesOf(other)).toHaveLength(1)
    expect(await findAuditFault(app.app.platform.db.asSystem())).toBeUndefined()
  })
})
