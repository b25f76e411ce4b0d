import { expect, it } from 'vitest'
import {
  createSignedInMember,
  insertMembers,
  type Member,
  newUsername,
  relate,
} from '../../../testing/factories.ts'
import { type ActingMember, insertSignedInMembers } from '../../../testing/signed-in-rows.ts'
import { type Answer, forEachApp, startTestApp } from '../../../testing/start-test-app.ts'

type Item = Record<string, unknown>
const idsOf = ({ body }: Answer) => (body.items as Item[]).map(({ id }) => id)

forEachApp('GET /users/search', {}, (on) => {
  const ask = (query: Record<string, string | number>, token?: string) =>
    on.app.send(
      'GET',
      `/users/search?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`,
      token === undefined ? {} : { token },
    )
  const find = async (q: string, token?: string) => idsOf(await ask({ q, limit: 100 }, token))
  const named = async (display_name: string | null, traits = {}): Promise<Member> => {
    const [member] = await insertMembers(on.app, 1, { display_name, ...traits })
    if (!member) throw new Error('No member was made.')
    return member
  }

  it('refuses a token that is not valid, although none is needed', async () => {
    expect((await ask({ q: 'ada' }, 'nonsense')).status).toBe(401)
  })

  it.each([
    ['', 'query.q'],
    ['q=', 'query.q'],
    [`q=${'x'.repeat(101)}`, 'query.q'],
    ['q=a&q=b', 'query.q'],
    ['q=a&limit=101', 'query.limit'],
    ['q=a&skip=-1', 'query.skip'],
  ])('refuses %j with 422', async (query, path) => {
    const { status, body } = await on.app.send('GET', `/users/search?${query}`)
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path }])
  })

  it('takes 100 code points', async () => {
    expect((await ask({ q: '😀'.repeat(100) })).body).toMatchObject({ items: [], total: 0 })
  })

  it('finds any part of a username or display name, whatever its case or width', async () => {
    const { id, username } = await named('Grüße, Čapek ＷＩＤＥ 100%_sure\\')
    const part = username.slice(-6)
    const parts = [username, part.toUpperCase(), 'grüße', 'čAPEK w', 'wide', '100%_s', 'sure\\']
    for (const q of parts) {
      expect({ q, found: (await find(q)).includes(id) }).toEqual({ q, found: true })
    }
  })

  it('takes wildcards literally', async () => {
    const [a, b] = [newUsername(), newUsername()]
    const literal = await named('fifty%off_now')
    const near = await named('fiftyXoffYnow')
    for (const q of ['fifty%off', 'off_now', 'fifty%off_now']) {
      const found = await find(q)
      expect(found).toContain(literal.id)
      expect(found).not.toContain(near.id)
    }
    expect(await find(`${a}%${b}`)).toEqual([])
    expect(await find('%%%')).toEqual([])
    expect(await find('*')).toEqual([])
  })

  it('never finds by address, nor by anything else of a member', async () => {
    const { email, username } = await named(null, { bio: 'secretive biography', location: 'Atlantis' })
    for (const q of [email, `${username}@`, '@example.test', 'secretive', 'Atlantis']) {
      expect(await find(q)).toEqual([])
    }
    expect((await ask({ q: username })).text).not.toContain('@example.test')
  })

  it.each(['pending_verification', 'inactive', 'suspended', 'banned'] as const)(
    'does not find a %s member, not even for moderators',
    async (status) => {
      const { username } = await named('Hidden', { status })
      const { accessToken } = await createSignedInMember(on.app, { role: 'moderator' })
      expect(await find(username)).toEqual([])
      expect((await ask({ q: username }, accessToken)).body).toMatchObject({ items: [], total: 0 })
    },
  )

  it('finds by a new display name, and not by the old one', async () => {
    const { app } = on
    const { id, accessToken: token } = await createSignedInMember(app)
    await app.send('PUT', '/users/me', { token, body: { display_name: 'First Name Ever' } })
    expect(await find('first name ever')).toEqual([id])
    await app.send('PUT', '/users/me', { token, body: { display_name: 'Second Name Ever' } })
    expect(await find('first name ever')).toEqual([])
    expect(await find('second name EVER')).toEqual([id])
    await app.send('PUT', '/users/me', { token, body: { display_name: 'ﷺ'.repeat(100) } })
    expect((await find('ﷺ')).includes(id)).toBe(true)
  })

  it('C75: neither finds nor counts whom a block stands between, on either side', async () => {
    const { app } = on
    const viewer = await createSignedInMember(app)
    const [open, blocked, blocker] = await insertMembers(app, 3, { display_name: 'Blocktest Member' })
    if (!open || !blocked || !blocker) throw new Error('No members were made.')
    await relate(app, { blocker: viewer, blocked })
    await relate(app, { blocker, blocked: viewer })
    const seen = await ask({ q: 'blocktest' }, viewer.accessToken)
    expect(seen.body).toMatchObject({ total: 1, items: [{ id: open.id }] })
    expect((await ask({ q: 'blocktest' })).body.total).toBe(3)
    const other = await createSignedInMember(app)
    expect((await ask({ q: 'blocktest' }, other.accessToken)).body.total).toBe(3)
  })

  it('pages newest first, by offset and by cursor, while others join', async () => {
    const { app } = on
    const display_name = 'Paged Person'
    const made = await insertMembers(app, 7, { display_name })
    app.clock.advance(1_000)
    made.push(...(await insertMembers(app, 4, { display_name })))
    const newest = made.map(({ id }) => id).reverse()
    const first = await ask({ q: 'PAGED', limit: 4 })
    expect(first.body).toMatchObject({ total: 11, skip: 0, limit: 4 })
    expect(idsOf(first)).toEqual(newest.slice(0, 4))
    expect(idsOf(await ask({ q: 'paged', limit: 4, skip: 4 }))).toEqual(newest.slice(4, 8))
    const walked = idsOf(first)
    let next = first.body.next_cursor
    while (next !== null) {
      app.clock.advance(7)
      await insertMembers(app, 1, { display_name })
      const page = await ask({ q: 'paged', limit: 4, cursor: String(next) })
      expect(Object.keys(page.body).sort()).toEqual(['items', 'limit', 'next_cursor'])
      walked.push(...idsOf(page))
      next = page.body.next_cursor
    }
    expect(walked).toEqual(newest)
  })

  it('refuses a cursor of another search or list with 400', async () => {
    await insertMembers(on.app, 3, { display_name: 'Cursor Person' })
    const cursor = String((await ask({ q: 'cursor person', limit: 1 })).body.next_cursor)
    expect((await ask({ q: 'CURSOR person', limit: 1, cursor })).status).toBe(200)
    expect((await ask({ q: 'cursor', limit: 1, cursor })).status).toBe(400)
    expect((await on.app.send('GET', `/users?limit=1&cursor=${cursor}`)).status).toBe(400)
    const ofList = String((await on.app.send('GET', '/users?limit=1')).body.next_cursor)
    const { status, body } = await ask({ q: 'cursor person', cursor: ofList })
    expect(status).toBe(400)
    expect(body.type).toBe('urn:outcry:problem:accounts.cursor_invalid')
  })

  it('carries the flags of the viewer', async () => {
    const { app } = on
    const viewer = await createSignedInMember(app)
    const followed = await named('Flagged Person')
    await relate(app, { follower: viewer, following: followed })
    const { body } = await ask({ q: 'flagged' }, viewer.accessToken)
    expect(body.items).toMatchObject([{ id: followed.id, is_following: true, is_blocked: false }])
  })
})

it('GET /users/search answers one member sixty times a minute, because it reads the names of all', async () => {
  await using app = await startTestApp({ dialect: 'sqlite', env: { OUTCRY_RATE_LIMITS: 'on' } })
  const [ada, ben] = await insertSignedInMembers(app, 2)
  const ask = (member: ActingMember | undefined) =>
    app.send('GET', '/users/search?q=a', { token: member?.accessToken ?? '' })
  const answers = await Promise.all(Array.from({ length: 61 }, () => ask(ada)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(60)
  expect((await ask(ada)).status).toBe(429)
  expect((await ask(ben)).status).toBe(200)
  expect((await app.send('GET', '/users', { token: ada?.accessToken ?? '' })).status).toBe(200)
})
