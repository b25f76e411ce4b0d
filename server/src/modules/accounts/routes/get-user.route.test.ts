import { expect, it } from 'vitest'
import {
  changeMember,
  createSignedInMember,
  insertMembers,
  type Member,
  relate,
} from '../../../testing/factories.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'

const fields = [
  ...['id', 'created_at', 'updated_at', 'username', 'display_name', 'full_name', 'bio', 'avatar_url'],
  ...['cover_image_url', 'website_url', 'location', 'is_verified', 'is_private', 'followers_count'],
  ...['following_count', 'videos_count', 'posts_count', 'is_following', 'is_followed_by', 'is_blocked'],
]

forEachApp('GET /users/{id}', {}, (on) => {
  const get = (idOrName: string, token?: string) =>
    on.app.send('GET', `/users/${encodeURIComponent(idOrName)}`, token === undefined ? {} : { token })
  const oneMember = async (traits = {}): Promise<Member> => {
    const [member] = await insertMembers(on.app, 1, traits)
    if (!member) throw new Error('No member was made.')
    return member
  }

  it('refuses a token that is not valid, although none is needed', async () => {
    const { id } = await oneMember()
    expect((await get(id, 'nonsense')).status).toBe(401)
  })

  it('answers the same 404 for missing, malformed, overlong and hidden members', async () => {
    const banned = await oneMember({ status: 'banned' })
    const missing = [
      '01890a5d-ac96-774b-bcce-b302099a8057',
      'nobody_has_this_name',
      'a'.repeat(50),
      'a'.repeat(51),
      'a'.repeat(64),
      'a'.repeat(65),
      'ﷺ'.repeat(60),
      'name with spaces',
      `' or 1=1 --`,
      '\u0001',
      '\u202e',
      '0',
      'nobody@example.test',
      banned.email,
      banned.id,
      banned.username,
    ]
    const bodies = new Set<string>()
    for (const name of missing) {
      const { status, body } = await get(name)
      expect({ name, status }).toEqual({ name, status: 404 })
      bodies.add(JSON.stringify({ ...body, instance: '' }))
    }
    expect([...bodies]).toHaveLength(1)
  })

  it.each(['pending_verification', 'inactive', 'suspended', 'banned'] as const)(
    'shows a %s member to moderators only',
    async (status) => {
      const { app } = on
      const hidden = await oneMember({ status })
      const viewer = await createSignedInMember(app)
      const creator = await createSignedInMember(app, { role: 'creator' })
      const moderator = await createSignedInMember(app, { role: 'moderator' })
      for (const name of [hidden.id, hidden.username]) {
        expect((await get(name)).status).toBe(404)
        expect((await get(name, viewer.accessToken)).status).toBe(404)
        expect((await get(name, creator.accessToken)).status).toBe(404)
        expect((await get(name, moderator.accessToken)).status).toBe(200)
      }
    },
  )

  it('finds a member by id and by username in any case, never by address', async () => {
    const member = await oneMember()
    for (const name of [member.id, member.id.toUpperCase(), member.username, member.username.toUpperCase()]) {
      expect((await get(name)).body.id).toBe(member.id)
    }
    expect((await get(member.email)).status).toBe(404)
  })

  it('answers every public field, the same for every member, and no private one', async () => {
    const member = await oneMember({
      display_name: 'Ada',
      bio: 'two\nlines',
      website: 'https://ada.example',
      location: 'London',
      privacy_level: 'private',
      is_verified: true,
      follower_count: 3,
    })
    const { accessToken } = await createSignedInMember(on.app, { role: 'creator' })
    for (const token of [undefined, accessToken]) {
      const { status, body, text } = await get(member.id, token)
      expect(status).toBe(200)
      expect(Object.keys(body).sort()).toEqual([...fields].sort())
      expect(body).toMatchObject({
        display_name: 'Ada',
        full_name: 'Ada',
        website_url: 'https://ada.example',
        is_private: true,
        followers_count: 3,
        is_following: false,
        is_followed_by: false,
        is_blocked: false,
      })
      expect(text).not.toContain(member.email)
    }
    const admin = await createSignedInMember(on.app, { role: 'admin' })
    const { body, text } = await get(member.id, admin.accessToken)
    expect(Object.keys(body).sort()).toEqual([...fields, 'role', 'status', 'can'].sort())
    expect(text).not.toContain(member.email)
  })

  it('says what the viewer and the member are to each other', async () => {
    const { app } = on
    const viewer = await createSignedInMember(app)
    const other = await createSignedInMember(app)
    const flags = async (id: string, token?: string) => {
      const { is_following, is_followed_by, is_blocked } = (await get(id, token)).body
      return { is_following, is_followed_by, is_blocked }
    }
    const none = { is_following: false, is_followed_by: false, is_blocked: false }
    expect(await flags(other.id, viewer.accessToken)).toEqual(none)
    await relate(app, { follower: viewer, following: other })
    expect(await flags(other.id, viewer.accessToken)).toEqual({ ...none, is_following: true })
    expect(await flags(viewer.id, other.accessToken)).toEqual({ ...none, is_followed_by: true })
    await relate(app, { blocker: viewer, blocked: other })
    expect(await flags(other.id, viewer.accessToken)).toEqual({
      ...none,
      is_following: true,
      is_blocked: true,
    })
    expect(await flags(viewer.id, other.accessToken)).toEqual({ ...none, is_followed_by: true })
    expect(await flags(other.id)).toEqual(none)
  })

  it('does not count a request to follow that waits', async () => {
    const { app } = on
    const viewer = await createSignedInMember(app)
    const other = await oneMember({ privacy_level: 'private' })
    await relate(app, { follower: viewer, following: other, isAccepted: false })
    expect((await get(other.id, viewer.accessToken)).body.is_following).toBe(false)
  })

  it('hides a member from the moment they are banned', async () => {
    const member = await oneMember()
    expect((await get(member.id)).status).toBe(200)
    await changeMember(on.app, member.id, { status: 'banned' })
    expect((await get(member.id)).status).toBe(404)
  })
})
