import { expect, it } from 'vitest'
import { createSignedInMember, insertMembers, newUsername, relate } from '../../../testing/factories.ts'
import { type ActingMember, insertSignedInMembers } from '../../../testing/signed-in-rows.ts'
import { type Answer, forEachApp, startTestApp } from '../../../testing/start-test-app.ts'

const fields = [
  ...['id', 'created_at', 'updated_at', 'username', 'display_name', 'full_name', 'bio', 'avatar_url'],
  ...['cover_image_url', 'website_url', 'location', 'is_verified', 'is_private', 'followers_count'],
  ...['following_count', 'videos_count', 'posts_count', 'is_following', 'is_followed_by', 'is_blocked'],
]
type Item = Record<string, unknown>
const itemsOf = ({ body }: Answer) => body.items as Item[]
const idsOf = (answer: Answer) => itemsOf(answer).map(({ id }) => id)

forEachApp('GET /users', {}, (on) => {
  const list = (query: string, token?: string) =>
    on.app.send('GET', `/users?${query}`, token === undefined ? {} : { token })
  interface Walk {
    readonly token?: string
    readonly between?: () => Promise<unknown>
  }
  const walk = async (query: string, { token, between = async () => undefined }: Walk = {}) => {
    const ids: unknown[] = []
    let next: unknown
    do {
      const answer = await list(next ? `${query}&cursor=${next}` : query, token)
      expect(answer.status).toBe(200)
      expect(itemsOf(answer).length).toBeGreaterThan(0)
      ids.push(...idsOf(answer))
      next = answer.body.next_cursor
      await between()
    } while (next !== null)
    return ids
  }

  it('refuses a token that is not valid, although none is needed', async () => {
    expect((await list('', 'nonsense')).status).toBe(401)
  })

  it.each([
    ['limit=0', 'query.limit'],
    ['limit=101', 'query.limit'],
    ['limit=ten', 'query.limit'],
    ['limit=1.5', 'query.limit'],
    ['limit=', 'query.limit'],
    ['limit=1&limit=2', 'query.limit'],
    ['skip=-1', 'query.skip'],
    ['skip=9007199254740992', 'query.skip'],
    ['role=king', 'query.role'],
    ['status=gone', 'query.status'],
    ['cursor=', 'query.cursor'],
    [`cursor=${'x'.repeat(513)}`, 'query.cursor'],
  ])('refuses %s with 422', async (query, path) => {
    const { status, body } = await list(query)
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path }])
  })

  it('answers a page with total, skip and limit, newest first', async () => {
    const made = await insertMembers(on.app, 3)
    on.app.clock.advance(1_000)
    const answer = await list('')
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.body).sort()).toEqual(['items', 'limit', 'next_cursor', 'skip', 'total'])
    expect(answer.body).toMatchObject({ skip: 0, limit: 20, total: itemsOf(answer).length })
    expect(idsOf(answer).slice(0, 3)).toEqual(made.map(({ id }) => id).reverse())
    for (const item of itemsOf(answer)) expect(Object.keys(item).sort()).toEqual([...fields].sort())
    expect(answer.text).not.toContain('@example.test')
  })

  it('takes the bounds of skip and limit', async () => {
    await insertMembers(on.app, 5)
    const all = idsOf(await list('limit=100'))
    expect(idsOf(await list('limit=1&skip=1'))).toEqual(all.slice(1, 2))
    const beyond = await list('skip=9007199254740991')
    expect(beyond.body).toMatchObject({ items: [], total: all.length, next_cursor: null })
  })

  it('ignores unknown filters', async () => {
    expect((await list('email=x&is_verified=true&order_by=email')).status).toBe(200)
  })

  it('shows active members only, and other statuses to moderators who ask', async () => {
    const { app } = on
    const [banned] = await insertMembers(app, 1, { status: 'banned' })
    const [pending] = await insertMembers(app, 1, { status: 'pending_verification' })
    const viewer = await createSignedInMember(app, { role: 'creator' })
    const moderator = await createSignedInMember(app, { role: 'moderator' })
    for (const token of [undefined, viewer.accessToken]) {
      for (const query of ['limit=100', 'limit=100&status=banned', 'limit=100&status=pending_verification']) {
        const ids = idsOf(await list(query, token))
        expect(ids).not.toContain(banned?.id)
        expect(ids).not.toContain(pending?.id)
      }
    }
    const seen = await list('status=banned', moderator.accessToken)
    expect(seen.body).toMatchObject({ total: 1, items: [{ id: banned?.id }] })
    expect(idsOf(await list('limit=100', moderator.accessToken))).not.toContain(banned?.id)
  })

  it('shows role, status and what may be done to moderators and above alone', async () => {
    const [member, moderator, admin] = [
      await createSignedInMember(on.app),
      await createSignedInMember(on.app, { role: 'moderator' }),
      await createSignedInMember(on.app, { role: 'admin' }),
    ]
    const rowFor = async (token?: string) =>
      itemsOf(await list('limit=100', token)).find(({ id }) => id === member.id)
    for (const token of [undefined, member.accessToken]) {
      expect(Object.keys((await rowFor(token)) ?? {}).sort()).toEqual([...fields].sort())
    }
    const standing = { role: 'user', status: 'active' }
    expect(await rowFor(moderator.accessToken)).toMatchObject({ ...standing, can: { administer: false } })
    expect(await rowFor(admin.accessToken)).toMatchObject({ ...standing, can: { administer: true } })
  })

  it('filters by role', async () => {
    const made = await insertMembers(on.app, 2, { role: 'creator' })
    await insertMembers(on.app, 2)
    const ids = idsOf(await list('role=creator&limit=100'))
    expect(ids.slice(0, 2)).toEqual(made.map(({ id }) => id).reverse())
    expect(await walk('role=creator&limit=1')).toEqual(ids)
  })

  it('walks every member once by cursor while others join', async () => {
    const { app } = on
    await insertMembers(app, 23) // all in the same millisecond: the id decides
    const before = idsOf(await list('limit=100'))
    const between = async () => {
      app.clock.advance(7)
      await insertMembers(app, 2)
    }
    const walked = await walk('limit=5', { between })
    expect(walked).toEqual(before)
  })

  it('says on the last page that it is the last, also when it is full', async () => {
    const role = 'super_admin'
    await insertMembers(on.app, 4, { role })
    const first = await list(`role=${role}&limit=2`)
    const second = await list(`role=${role}&limit=2&cursor=${first.body.next_cursor}`)
    expect(Object.keys(second.body).sort()).toEqual(['items', 'limit', 'next_cursor'])
    expect(second.body).toMatchObject({ limit: 2, next_cursor: null })
    expect(itemsOf(second)).toHaveLength(2)
    expect((await list(`role=${role}&limit=4`)).body.next_cursor).toBeNull()
  })

  it('refuses a cursor that was changed or made for another list with 400', async () => {
    await insertMembers(on.app, 3)
    const cursor = String((await list('limit=1')).body.next_cursor)
    const flipped = `${cursor.slice(0, -2)}${cursor.endsWith('A') ? 'B' : 'A'}${cursor.slice(-1)}`
    const queries = [
      ...['x', 'e30', flipped, `${cursor}A`, cursor.slice(0, -1)].map((each) => `cursor=${each}`),
      `role=user&cursor=${cursor}`,
    ]
    for (const query of queries) {
      const { status, body } = await list(query)
      expect({ query, status }).toEqual({ query, status: 400 })
      expect(body.type).toBe('urn:outcry:problem:accounts.cursor_invalid')
    }
    expect((await list(`limit=1&skip=5&cursor=${cursor}`)).status).toBe(200)
  })

  it('carries the flags of the viewer on every row', async () => {
    const { app } = on
    const viewer = await createSignedInMember(app, { username: newUsername() })
    const [followed, follower] = await insertMembers(app, 2)
    if (!followed || !follower) throw new Error('No members were made.')
    await relate(app, { follower: viewer, following: followed })
    await relate(app, { follower, following: viewer })
    const flagsOf = (answer: Answer) =>
      Object.fromEntries(
        itemsOf(answer).map((item) => [item.id, [item.is_following, item.is_followed_by, item.is_blocked]]),
      )
    const seen = flagsOf(await list('limit=100', viewer.accessToken))
    expect(seen[followed.id]).toEqual([true, false, false])
    expect(seen[follower.id]).toEqual([false, true, false])
    expect(seen[viewer.id]).toEqual([false, false, false])
    const anonymous = flagsOf(await list('limit=100'))
    expect(Object.values(anonymous).flat()).not.toContain(true)
  })
  it('C75: neither shows nor counts whom a block stands between, on either side, in pages and by cursor', async () => {
    const { app } = on
    const viewer = await createSignedInMember(app)
    const other = await createSignedInMember(app)
    const [first, blocked, blocker, last] = await insertMembers(app, 4, { role: 'creator' })
    if (!first || !blocked || !blocker || !last) throw new Error('No members were made.')
    const totalOf = async (query: string, token?: string) => (await list(query, token)).body.total
    const [before, creators] = [await totalOf(''), await totalOf('role=creator')]
    await relate(app, { blocker: viewer, blocked })
    await relate(app, { blocker, blocked: viewer })
    const apart = [blocked.id, blocker.id]
    for (const query of ['limit=100', 'limit=100&role=creator', 'limit=100&status=active']) {
      const { body, text } = await list(query, viewer.accessToken)
      for (const id of apart) expect(text).not.toContain(id)
      expect(text).toContain(first.id)
      expect(body.total).toBe(Number(query.includes('role') ? creators : before) - 2)
    }
    for (const query of ['limit=7', 'role=creator&limit=1']) {
      const walked = await walk(query, { token: viewer.accessToken })
      for (const id of apart) expect(walked).not.toContain(id)
      expect(walked).toEqual(expect.arrayContaining([first.id, last.id]))
      expect(walked).toEqual(idsOf(await list(query.replace(/limit=\d/, 'limit=100'), viewer.accessToken)))
    }
    for (const token of [undefined, other.accessToken]) {
      expect(idsOf(await list('limit=100', token))).toEqual(expect.arrayContaining(apart))
      expect(await totalOf('', token)).toBe(before)
    }
  })

  it('keeps from nobody who looks after members whom a block stands between, or they would escape them', async () => {
    const { app } = on
    const moderator = await createSignedInMember(app, { role: 'moderator' })
    const [blocked, blocker] = await insertMembers(app, 2, { role: 'creator' })
    if (!blocked || !blocker) throw new Error('No members were made.')
    await relate(app, { blocker: moderator, blocked })
    await relate(app, { blocker, blocked: moderator })
    const ids = idsOf(await list('limit=100', moderator.accessToken))
    expect(ids).toEqual(expect.arrayContaining([blocked.id, blocker.id]))
    expect(ids).toEqual(idsOf(await list('limit=100')))
  })
})

it('C10: GET /users answers one member sixty times a minute, because it counts all of them', async () => {
  await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
  const [ada, ben] = await insertSignedInMembers(app, 2)
  const ask = (member: ActingMember | undefined, path = '/users') =>
    app.send('GET', path, { token: member?.accessToken ?? '' })
  const answers = await Promise.all(Array.from({ length: 61 }, () => ask(ada)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(60)
  const refused = await ask(ada)
  expect([refused.status, refused.body.items]).toEqual([429, undefined])
  expect((await ask(ben)).status).toBe(200)
  expect((await ask(ada, `/users/search?q=a`)).status).toBe(200)
  expect((await ask(ada, `/users/${ben?.id}`)).status).toBe(200)
})
