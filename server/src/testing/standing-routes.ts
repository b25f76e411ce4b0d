import { type UserRole, userRoles } from '@outcry/contract/accounts'
import { expect, it } from 'vitest'
import { createSignedInMember, insertMembers, type Member, type SignedInMember, signIn } from './factories.ts'
import type { AppFixture } from './start-test-app.ts'
import { type StoredRow, storedRows } from './stored-rows.ts'

/** The routes by which administrators open and close accounts, with what each makes of one. */
export const statusAfter = { activate: 'active', deactivate: 'inactive', suspend: 'suspended' } as const

interface PostOptions {
  readonly token?: string
  readonly body?: unknown
}

/** What tests of one of these routes do again and again. */
export function standingRoute(on: AppFixture, operation: keyof typeof statusAfter) {
  const actors = new Map<UserRole, SignedInMember>()
  return {
    post: (idOrName: string, { token, body = {} }: PostOptions = {}) =>
      on.app.send('POST', `/users/${idOrName}/${operation}`, { body, ...(token ? { token } : {}) }),
    /** Signed in anew each time: tests move the clock, and access tokens end. */
    async actor(role: UserRole): Promise<SignedInMember> {
      const known = actors.get(role)
      const actor = known ? await signIn(on.app, known) : await createSignedInMember(on.app, { role })
      actors.set(role, actor)
      return actor
    },
    async oneMember(traits = {}): Promise<Member> {
      const [member] = await insertMembers(on.app, 1, traits)
      if (!member) throw new Error('No member was made.')
      return member
    },
    rowOf: async (id: string): Promise<StoredRow | undefined> =>
      (await storedRows(on.app, 'users', `id = '${id}'`))[0],
    entriesFor: (id: string) => storedRows(on.app, 'audit_events', `object_id = '${id}'`),
  }
}

/** The doors that all of these routes keep closed, and the ranks. */
export function testStandingRoute(on: AppFixture, operation: keyof typeof statusAfter): void {
  const { post, actor, oneMember, rowOf, entriesFor } = standingRoute(on, operation)

  it('is closed to nobody and to everybody below an administrator', async () => {
    const { id } = await oneMember({ status: 'banned' })
    expect((await post(id)).status).toBe(401)
    for (const role of ['user', 'creator', 'moderator'] as const) {
      const { accessToken: token } = await actor(role)
      expect((await post(id, { token })).status).toBe(403)
    }
    expect((await rowOf(id))?.status).toBe('banned')
  })

  it('answers 404 for nobody and for deleted members, and 400 for oneself', async () => {
    const gone = await oneMember({ status: 'banned', deleted_at: on.app.clock.now() })
    for (const role of ['admin', 'super_admin'] as const) {
      const { id, username, accessToken: token } = await actor(role)
      for (const missing of ['01890a5d-ac96-774b-bcce-b302099a8057', 'nobody_has_it', gone.id]) {
        expect((await post(missing, { token })).status).toBe(404)
      }
      for (const name of [id, username]) {
        const { status, body } = await post(name, { token })
        expect(status).toBe(400)
        expect(body.type).toBe('urn:outcry:problem:accounts.not_yourself')
      }
      expect((await rowOf(id))?.status).toBe('active')
      const refused = (await entriesFor(id)).filter(({ action }) => action === 'account.administered')
      expect(refused.map(({ result }) => result)).toEqual(['refused', 'refused'])
    }
    expect((await rowOf(gone.id))?.status).toBe('banned')
  })

  it('refuses a reason that is too long or holds control characters', async () => {
    const { id } = await oneMember({ status: 'banned' })
    const { accessToken: token } = await actor('admin')
    for (const reason of ['x'.repeat(501), 'a\u0000b', 7]) {
      const { status, body } = await post(id, { token, body: { reason } })
      expect(status).toBe(422)
      expect(body.errors).toMatchObject([{ path: 'body.reason' }])
    }
    expect((await rowOf(id))?.status).toBe('banned')
  })

  it('follows the ranks', async () => {
    for (const by of ['admin', 'super_admin'] as const) {
      const { accessToken: token } = await actor(by)
      for (const role of userRoles) {
        const { id } = await oneMember({ role, status: 'banned' })
        const isAllowed = by === 'super_admin' || !['admin', 'super_admin'].includes(role)
        const { status, body } = await post(id, { token })
        expect({ by, role, status }).toEqual({ by, role, status: isAllowed ? 200 : 403 })
        expect((await rowOf(id))?.status).toBe(isAllowed ? statusAfter[operation] : 'banned')
        if (isAllowed) expect(body).toMatchObject({ success: true, data: null })
        else expect(body.type).toBe('urn:outcry:problem:accounts.not_allowed')
      }
    }
  })
}

/** What every route that closes an account does to whoever is signed in to it. */
export function testClosingRoute(on: AppFixture, operation: 'deactivate' | 'suspend'): void {
  const { post, actor, entriesFor } = standingRoute(on, operation)

  it('C48: ends open sessions at once, tells the member why, and leaves an entry', async () => {
    const { app } = on
    const member = await createSignedInMember(app)
    const { accessToken: token, id: adminId } = await actor('admin')
    expect((await post(member.username, { token, body: { reason: 'Spam' } })).status).toBe(200)
    expect((await app.send('GET', '/auth/me', { token: member.accessToken })).status).toBe(401)
    const refresh = { body: { refresh_token: member.refreshToken } }
    expect((await app.send('POST', '/auth/refresh', refresh)).status).toBe(401)
    await expect(signIn(app, member)).rejects.toThrow('401')
    expect((await app.send('GET', `/users/${member.id}`)).status).toBe(404)
    await app.settle()
    expect(app.mail.to(member.email)[0]?.text).toContain('The reason given: Spam')
    const [entry, ...others] = (await entriesFor(member.id)).filter(({ actor_id }) => actor_id === adminId)
    expect(others).toEqual([])
    expect(entry).toMatchObject({ action: 'account.status_set_by_admin', result: 'ok', address: '127.0.0.1' })
    const details = JSON.stringify(entry?.details).replaceAll('\\', '')
    expect(details).toContain('"reason":"Spam"')
    expect(details).toContain(`"to":"${statusAfter[operation]}"`)
  })
}
