import { expect, it } from 'vitest'
import { createPersonalToken, insertMembers } from './factories.ts'
import { type ActingMember, insertSignedInMember } from './signed-in-rows.ts'
import type { Answer, AppFixture, TestApp } from './start-test-app.ts'
import { countStored, storedRows } from './stored-rows.ts'

/** The members whose counters differ from their accepted edges; empty while all is well. */
export async function wrongCounters(app: TestApp): Promise<string[]> {
  const users = await storedRows(app, 'users')
  const edges = await storedRows(app, 'follows', 'is_accepted')
  const count = (column: string, id: unknown) => edges.filter((edge) => edge[column] === id).length
  return users.flatMap((user) => {
    const kept = [Number(user.follower_count), Number(user.following_count)]
    const real = [count('following_id', user.id), count('follower_id', user.id)]
    return String(kept) === String(real) ? [] : [`${user.username} has ${kept} instead of ${real}`]
  })
}

/** Every edge between two members, as `[who follows, accepted]`. */
export async function edgesBetween(app: TestApp, a: { id: string }, b: { id: string }) {
  const between = `follower_id in ('${a.id}', '${b.id}') and following_id in ('${a.id}', '${b.id}')`
  const rows = await storedRows(app, 'follows', between)
  return rows.map((row) => [row.follower_id, Boolean(row.is_accepted)])
}

/** The two counters that everybody reads. */
export async function countersOf(app: TestApp, { id }: { id: string }): Promise<[unknown, unknown]> {
  const { body } = await app.send('GET', `/users/${id}`)
  return [body.followers_count, body.following_count]
}

interface Door {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** The path after `/users/{id}`. */
  readonly path: string
  readonly scope: string
  readonly access: 'signed-in' | 'optional'
}

const RELATED_TABLES = ['follows', 'blocks', 'mutes'] as const

/** The tests that every route on another member has: who does not get in, and that nothing was stored for them. */
export function testClosedDoors(on: AppFixture, { method, path, scope, access }: Door): void {
  const send = (id: string, token?: string): Promise<Answer> =>
    on.app.send(method, `/users/${encodeURIComponent(id)}${path}`, token === undefined ? {} : { token })
  const stored = async () => Promise.all(RELATED_TABLES.map((table) => countStored(on.app, table)))

  it('refuses tokens that are not valid', async () => {
    const { id } = await insertSignedInMember(on.app)
    expect((await send(id, 'nonsense')).status).toBe(401)
    expect((await send(id)).status).toBe(access === 'optional' ? 200 : 401)
  })

  it('refuses members who have not verified their address', async () => {
    const pending = await insertSignedInMember(on.app, { status: 'pending_verification' })
    const { id } = await insertSignedInMember(on.app)
    const before = await stored()
    expect((await send(id, pending.accessToken)).status).toBe(403)
    expect(await stored()).toEqual(before)
  })

  it('refuses personal access tokens without its scope', async () => {
    const { app } = on
    const actor = await insertSignedInMember(app)
    const { id } = await insertSignedInMember(app)
    const wrong = scope === 'users:read' ? 'social:write' : 'users:read'
    const refused = await createPersonalToken(app, actor, { scopes: [wrong, 'account:write'] })
    const before = await stored()
    const { status, body } = await send(id, refused.token)
    expect([status, body.code]).toEqual([403, 'http.insufficient_scope'])
    expect(await stored()).toEqual(before)
    const { token } = await createPersonalToken(app, actor, { scopes: [scope] })
    expect((await send(id, token)).body.code).not.toBe('http.insufficient_scope')
  })

  it('answers the same 404 for missing, malformed and hidden members', async () => {
    const { app } = on
    const actor = await insertSignedInMember(app)
    const [banned] = await insertMembers(app, 1, { status: 'banned' })
    const missing = ['01890a5d-ac96-774b-bcce-b302099a8057', 'nobody_has_this_name', 'me', 'a'.repeat(65)]
    const before = await stored()
    const bodies = new Set<string>()
    for (const id of [...missing, '\u202e', `' or 1=1 --`, banned?.id ?? '', banned?.username ?? '']) {
      const { status, body } = await send(id, actor.accessToken)
      expect({ id, status, code: body.code }).toEqual({ id, status: 404, code: 'accounts.user_not_found' })
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
    expect(await stored()).toEqual(before)
  })
}

/** Sends one request as a member to `/users/{id}` and what follows. */
export function sendAs(app: TestApp, actor: ActingMember, [method, id, path]: [string, string, string]) {
  return app.send(method, `/users/${id}${path}`, { token: actor.accessToken })
}
