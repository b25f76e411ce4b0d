import { expect, it } from 'vitest'
import type { AuditEntry } from '../../../platform/audit/audit.ts'
import {
  createMember,
  createPersonalToken,
  createSignedInMember,
  type Member,
  newEmail,
  signIn,
  tryToSignIn,
} from '../../../testing/factories.ts'
import { insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { type Answer, forEachApp } from '../../../testing/start-test-app.ts'
import { storedRows } from '../../../testing/stored-rows.ts'

const itemsOf = ({ body }: Answer) => body.items as Record<string, unknown>[]
const inShort = (answer: Answer) => itemsOf(answer).map(({ action, result }) => `${action} ${result}`)

forEachApp('GET /users/me/events', {}, (on) => {
  const list = (token?: string, query = '') =>
    on.app.send('GET', `/users/me/events?${query}`, token === undefined ? {} : { token })
  const record = async (...entries: AuditEntry[]) => {
    const { db, audit } = on.app.app.platform
    await db.withSystem((tx) => audit.recordDecided(tx, async () => entries))
  }
  const failedSignIn = ({ id }: Pick<Member, 'id'>, requestId: string): AuditEntry => ({
    ...{ action: 'sign_in.password', result: 'refused', objectType: 'user', objectId: id, requestId },
  })

  it('refuses strangers, members who are not active, and personal access tokens', async () => {
    const owner = await insertSignedInMember(on.app)
    expect((await list()).status).toBe(401)
    expect((await list('nonsense')).status).toBe(401)
    const { token } = await createPersonalToken(on.app, owner, { scopes: ['account:read', 'account:write'] })
    expect((await list(token)).body.code).toBe('http.insufficient_scope')
    const pending = await insertSignedInMember(on.app, { status: 'pending_verification' })
    expect((await list(pending.accessToken)).body.code).toBe('http.account_not_active')
  })

  it('shows sign-ins, failed ones and changes, the latest first, and which were in this session', async () => {
    const { app } = on
    const member = await createMember(app)
    await tryToSignIn(app, member.username, 'certainly not it')
    const first = await signIn(app, member)
    const second = await signIn(app, member)
    const { id } = await createPersonalToken(app, first, { scopes: ['account:read'] })
    await app.send('DELETE', `/auth/tokens/${id}`, { token: first.accessToken })
    await app.send('POST', '/auth/logout', { token: second.accessToken, body: {} })
    const answer = await list(first.accessToken)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toMatchObject({ total: 7, skip: 0, limit: 20, next_cursor: null })
    expect(inShort(answer)).toEqual([
      'session.signed_out ok',
      'personal_token.revoked ok',
      'personal_token.created ok',
      'sign_in.password ok',
      'sign_in.password ok',
      'sign_in.password refused',
      'account.created_by_operator ok',
    ])
    expect(itemsOf(answer).map(({ current }) => current)).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
      false,
    ])
    expect(itemsOf(answer)[4]).toEqual({
      id: expect.any(String),
      at: app.clock.now().toISOString(),
      action: 'sign_in.password',
      result: 'ok',
      factor: 'pwd',
      address: '127.0.0.1',
      session_id: expect.any(String),
      current: true,
      by_administrator: false,
    })
    expect(itemsOf(answer)[5]).toMatchObject({ address: '127.0.0.1', session_id: null, factor: null })
  })

  it('tells that an administrator changed the account, and neither who nor from where', async () => {
    const { app } = on
    const admin = await createSignedInMember(app, { role: 'super_admin' })
    const member = await createSignedInMember(app)
    const body = { role: 'moderator' }
    const { status } = await app.send('PUT', `/users/${member.id}/admin`, { token: admin.accessToken, body })
    expect(status).toBe(200)
    const answer = await list(member.accessToken)
    expect(itemsOf(answer)[0]).toEqual({
      id: expect.any(String),
      at: expect.any(String),
      action: 'account.role_set_by_admin',
      result: 'ok',
      factor: null,
      address: null,
      session_id: null,
      current: false,
      by_administrator: true,
    })
    expect(answer.text).not.toContain(admin.id)
    const [session] = await storedRows(app, 'sessions', `user_id = '${admin.id}'`)
    expect(answer.text).not.toContain(String(session?.id))
    expect(inShort(await list(admin.accessToken))).toEqual([
      'sign_in.password ok',
      'account.created_by_operator ok',
    ])
  })

  it('leaves out what others tried and may not, what belongs to others, and what is no member’s to read', async () => {
    const { app } = on
    const member = await insertSignedInMember(app)
    const other = await insertSignedInMember(app)
    await createPersonalToken(app, other, { scopes: ['account:read'] })
    const own = { actorId: member.id, objectType: 'user', objectId: member.id } as const
    await record(
      failedSignIn(other, 'r'),
      { action: 'account.administered', result: 'refused', ...own },
      { action: 'account.deleted', result: 'refused', ...own, actorId: other.id },
      { action: 'credential.used', result: 'ok', ...own, objectType: 'credential', objectId: other.id },
      { action: 'audit.verification_asked', result: 'ok', ...own, objectType: 'job' },
    )
    expect((await list(member.accessToken)).body).toMatchObject({ items: [], total: 0 })
    expect(inShort(await list(other.accessToken))).toEqual([
      'sign_in.password refused',
      'personal_token.created ok',
    ])
  })

  it('never shows what an entry says beside the named facts', async () => {
    const member = await insertSignedInMember(on.app)
    const secret = 'said of somebody else'
    await record({ ...failedSignIn(member, secret), details: { reason: secret, user_id: secret } })
    const answer = await list(member.accessToken)
    expect(itemsOf(answer)).toHaveLength(1)
    expect(answer.text).not.toContain(secret)
  })

  it('tells of an address that is another member’s the same as of one that is free', async () => {
    const { app } = on
    const other = await createMember(app)
    const member = await createSignedInMember(app)
    const ask = async (email: string) => {
      const body = { email }
      const answer = await app.send('POST', '/users/me/email', { token: member.accessToken, body })
      expect(answer.status).toBe(202)
      const [{ id: _, ...event } = {}] = itemsOf(await list(member.accessToken))
      return event
    }
    const ofFree = await ask(newEmail())
    expect(ofFree).toMatchObject({ action: 'account.email_change_asked', result: 'ok' })
    expect(await ask(other.email)).toEqual(ofFree)
  })

  it('shows what was done to a broker key, and leaves its uses to its own log', async () => {
    const member = await insertSignedInMember(on.app)
    const key = { actorId: member.id, objectType: 'credential', objectId: member.id, result: 'ok' } as const
    const actions = ['stored', 'used', 'use_ended', 'renamed', 'chosen', 'rotated', 'changed', 'deleted']
    await record(...actions.map((action) => ({ action: `credential.${action}`, ...key })))
    expect(inShort(await list(member.accessToken))).toEqual([
      'credential.deleted ok',
      'credential.changed ok',
      'credential.rotated ok',
      'credential.stored ok',
    ])
  })

  it('tells what was asked for in the vault and is not there', async () => {
    const member = await insertSignedInMember(on.app)
    const token = member.accessToken
    const path = '/credentials/01890a5d-ac96-774b-bcce-b302099a8057'
    expect((await on.app.send('GET', path, { token })).status).toBe(404)
    expect(itemsOf(await list(token))).toMatchObject([
      { action: 'credential.read', result: 'refused', address: '127.0.0.1', current: true },
    ])
  })

  it('says of what is refused at the door that it was, where and in which session', async () => {
    const member = await insertSignedInMember(on.app)
    const token = member.accessToken
    expect((await on.app.send('GET', '/admin/jobs', { token })).status).toBe(403)
    await expect
      .poll(async () => itemsOf(await list(token)))
      .toMatchObject([{ action: 'access.refused', result: 'refused', address: '127.0.0.1', current: true }])
  })

  it('reads on both ways through pages of the same events', async () => {
    const member = await insertSignedInMember(on.app)
    const { accessToken: token, id } = member
    const added = { action: 'passkey.added', result: 'ok', actorId: id, objectType: 'passkey' } as const
    for (let i = 0; i < 4; i++) await record(failedSignIn(member, `r-${i}`), added)
    const all = itemsOf(await list(token)).map((item) => item.id)
    expect(all).toHaveLength(8)
    const bySkip: unknown[] = []
    for (const skip of [0, 3, 6])
      bySkip.push(...itemsOf(await list(token, `skip=${skip}&limit=3`)).map((item) => item.id))
    expect(bySkip).toEqual(all)
    const byCursor: unknown[] = []
    let cursor = ''
    do {
      const page = await list(token, `limit=3${cursor}`)
      byCursor.push(...itemsOf(page).map((item) => item.id))
      cursor = page.body.next_cursor === null ? '' : `&cursor=${String(page.body.next_cursor)}`
    } while (cursor !== '')
    expect(byCursor).toEqual(all)
  })

  it('refuses bad paging with 422, and a cursor that is changed or another member’s with 400', async () => {
    const member = await insertSignedInMember(on.app)
    const other = await insertSignedInMember(on.app)
    await record(failedSignIn(member, 'r-1'), failedSignIn(member, 'r-2'))
    expect((await list(member.accessToken, 'limit=101')).status).toBe(422)
    expect((await list(member.accessToken, 'skip=-1')).status).toBe(422)
    const { next_cursor } = (await list(member.accessToken, 'limit=1')).body
    expect(next_cursor).not.toBeNull()
    for (const answer of [
      await list(member.accessToken, `cursor=${next_cursor}A`),
      await list(other.accessToken, `cursor=${next_cursor}`),
    ])
      expect([answer.status, answer.body.code]).toEqual([400, 'accounts.cursor_invalid'])
  })

  it('counts 10,000 events and no further, and a cursor leads behind them', async () => {
    const member = await insertSignedInMember(on.app)
    const { accessToken: token } = member
    const thousand = Array.from({ length: 1_000 }, () => failedSignIn(member, 'r'))
    for (let i = 0; i < 10; i++) await record(...thousand)
    await record(failedSignIn(member, 'r'))
    const last = await list(token, 'skip=9999&limit=1')
    expect(last.body).toMatchObject({ total: 10_000, skip: 9_999 })
    expect(itemsOf(last)).toHaveLength(1)
    expect((await list(token, 'skip=10000')).body).toMatchObject({ items: [], next_cursor: null })
    const behind = await list(token, `limit=1&cursor=${String(last.body.next_cursor)}`)
    expect(itemsOf(behind)).toHaveLength(1)
    expect(behind.body.next_cursor).toBeNull()
  })
})

forEachApp('GET /users/me/events with limits', { env: { OUTCRY_RATE_LIMITS: 'on' } }, (on) => {
  it('is read 60 times a minute', async () => {
    const { accessToken: token } = await insertSignedInMember(on.app)
    const read = () => on.app.send('GET', '/users/me/events', { token })
    const statuses = (await Promise.all(Array.from({ length: 64 }, read))).map(({ status }) => status)
    expect(statuses.filter((status) => status === 429)).toHaveLength(4)
  })
})
