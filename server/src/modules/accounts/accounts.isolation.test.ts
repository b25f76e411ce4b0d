import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSignedInMember, relate, type SignedInMember } from '../../testing/factories.ts'
import { addPasskey } from '../../testing/passkeys.ts'
import { startTestApp, type TestApp, type TestAppOptions } from '../../testing/start-test-app.ts'
import { countStored, runAsOwner, storedRows } from '../../testing/stored-rows.ts'
import { findRelations } from './relations/relation.store.ts'
import { findSignedInUser } from './sessions/session.store.ts'

interface Mode extends Pick<TestAppOptions, 'dialect' | 'open'> {
  readonly name: string
  readonly isRowSecurityOff?: true
}

const modes: Mode[] = [
  { name: 'SQLite', dialect: 'sqlite' },
  { name: 'PostgreSQL', dialect: 'postgres' },
  { name: 'PostgreSQL without owner predicates', dialect: 'postgres', open: { ownerPredicates: false } },
  { name: 'PostgreSQL without row security', dialect: 'postgres', isRowSecurityOff: true },
]
const privateTables = ['sessions', 'email_verification_tokens', 'blocks', 'passkeys']

describe.each(modes)('members on $name', ({ isRowSecurityOff, ...options }) => {
  let running: TestApp | undefined
  let people: { anna: SignedInMember; ben: SignedInMember } | undefined
  const on = () => {
    if (!running || !people) throw new Error('The application is not there.')
    return { app: running, db: running.app.platform.db, ...people }
  }
  const get = (path: string, token: string) => on().app.send('GET', path, { token })

  beforeAll(async () => {
    running = await startTestApp(options)
    if (isRowSecurityOff) {
      for (const table of privateTables) {
        await runAsOwner(running, `alter table "${table}" disable row level security`)
      }
    }
    const anna = await createSignedInMember(running)
    const ben = await createSignedInMember(running)
    await relate(running, { blocker: ben, blocked: anna })
    people = { anna, ben }
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
  })

  it('never learn who blocks them', async () => {
    const { anna, ben } = on()
    const one = await get(`/users/${ben.id}`, anna.accessToken)
    expect(one.body).toMatchObject({ id: ben.id, is_blocked: false })
    const self = await get(`/users/${anna.id}`, anna.accessToken)
    expect(self.body.is_blocked).toBe(false)
    const { body } = await get('/users', anna.accessToken)
    expect(body.items).toMatchObject([{ id: anna.id, is_blocked: false }])
    expect((await get(`/users/${anna.id}`, ben.accessToken)).body.is_blocked).toBe(true)
  })

  it('read nobody else in /auth/me and in no answer an address of another', async () => {
    const { anna, ben } = on()
    expect((await get('/auth/me', anna.accessToken)).body.id).toBe(anna.id)
    for (const path of ['/auth/me', '/users', `/users/${ben.id}`, `/users/${ben.username}`]) {
      expect((await get(path, anna.accessToken)).text).not.toContain(ben.email)
    }
  })

  it('cannot act in the session of another', async () => {
    const { app, db, anna, ben } = on()
    const [theirs] = await storedRows(app, 'sessions', `user_id = '${ben.id}'`)
    const at = { sessionId: String(theirs?.id), userId: anna.id }
    expect(await findSignedInUser(db.asMember(anna.id), at)).toBeUndefined()
    expect(await findSignedInUser(db.asMember(ben.id), { ...at, userId: ben.id })).toMatchObject({
      id: ben.id,
    })
  })

  it('C33: list and end their own sessions alone', async () => {
    const { app, anna, ben } = on()
    const [theirs] = await storedRows(app, 'sessions', `user_id = '${ben.id}'`)
    const { body } = await get('/auth/sessions', anna.accessToken)
    expect(body.items).toHaveLength(1)
    const token = anna.accessToken
    const path = `/auth/sessions/${String(theirs?.id)}`
    expect((await app.send('DELETE', path, { token })).status).toBe(404)
    expect((await app.send('GET', '/auth/me', { token: ben.accessToken })).status).toBe(200)
  })

  it('cannot ask in the name of another', async () => {
    const { db, anna, ben } = on()
    const relationTo = await findRelations(db.asMember(ben.id), ben.id, [anna.id])
    expect(relationTo(anna.id).isBlocked).toBe(true)
    const peeked = await findRelations(db.asMember(anna.id), anna.id, [anna.id, ben.id])
    expect([peeked(anna.id).isBlocked, peeked(ben.id).isBlocked]).toEqual([false, false])
  })

  it('see, rename and remove their own passkeys alone', async () => {
    const { app, anna, ben } = on()
    const { id } = await addPasskey(app, ben)
    const token = anna.accessToken
    expect((await get('/auth/passkeys', token)).body).toMatchObject({ items: [], total: 0 })
    const path = `/auth/passkeys/${id}`
    expect((await app.send('PATCH', path, { token, body: { name: 'Mine' } })).status).toBe(404)
    expect((await app.send('DELETE', path, { token })).status).toBe(404)
    const { body } = await get('/auth/passkeys', ben.accessToken)
    expect(body.items).toMatchObject([{ id, name: 'My key' }])
  })

  it('lose their own sessions and nobody else’s when their password is set anew', async () => {
    const { app, anna, ben } = on()
    const carla = await createSignedInMember(app)
    await app.app.accounts.admin.setPassword(carla.username, 'set anew by the operator')
    expect((await get('/auth/me', carla.accessToken)).status).toBe(401)
    for (const { accessToken } of [anna, ben]) expect((await get('/auth/me', accessToken)).status).toBe(200)
    expect(await countStored(app, 'sessions', `user_id = '${ben.id}' and revoked_at is null`)).toBe(1)
  })
})
