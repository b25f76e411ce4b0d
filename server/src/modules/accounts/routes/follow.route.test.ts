import { expect, it } from 'vitest'
import { changeMember, insertMembers } from '../../../testing/factories.ts'
import {
  countersOf,
  edgesBetween,
  sendAs,
  testClosedDoors,
  wrongCounters,
} from '../../../testing/relations.ts'
import { type ActingMember, insertSignedInMember } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored, storedRows } from '../../../testing/stored-rows.ts'

const fields = [
  ...['id', 'created_at', 'updated_at', 'follower_id', 'following_id', 'is_accepted', 'is_mutual'],
]

forEachApp('POST /users/{id}/follow', {}, (on) => {
  testClosedDoors(on, { method: 'POST', path: '/follow', scope: 'social:write', access: 'signed-in' })

  const follow = (actor: ActingMember, id: string) => sendAs(on.app, actor, ['POST', id, '/follow'])
  const block = (actor: ActingMember, id: string) => sendAs(on.app, actor, ['POST', id, '/block'])
  const makePair = async (traits = {}) => ({
    anna: await insertSignedInMember(on.app),
    ben: await insertSignedInMember(on.app, traits),
  })

  it('refuses to follow oneself, by id and by name', async () => {
    const { anna } = await makePair()
    for (const name of [anna.id, anna.username, anna.username.toUpperCase()]) {
      const { status, body } = await follow(anna, name)
      expect([status, body.code]).toEqual([400, 'accounts.not_yourself'])
    }
    expect(await countStored(on.app, 'follows', `follower_id = '${anna.id}'`)).toBe(0)
  })

  it('refuses to follow twice, and to ask twice', async () => {
    const { anna, ben } = await makePair()
    const shy = await insertSignedInMember(on.app, { privacy_level: 'private' })
    for (const { id } of [ben, shy]) {
      expect((await follow(anna, id)).status).toBe(200)
      const { status, body } = await follow(anna, id)
      expect([status, body.code]).toEqual([400, 'accounts.already_following'])
    }
    expect(await countersOf(on.app, anna)).toEqual([0, 1])
    expect(await wrongCounters(on.app)).toEqual([])
  })

  it('refuses in neutral words whoever is blocked, and says to the one who blocks what to do', async () => {
    const { anna, ben } = await makePair()
    await block(ben, anna.id)
    const refused = await follow(anna, ben.id)
    expect([refused.status, refused.body.code]).toEqual([403, 'accounts.follow_refused'])
    expect(refused.body.detail).toBe('You cannot follow this member; choose another member.')
    expect(refused.text).not.toContain('block')
    const own = await follow(ben, anna.id)
    expect([own.status, own.body.code]).toEqual([403, 'accounts.follow_refused'])
    expect(own.body.detail).toContain('unblock')
    expect(await edgesBetween(on.app, anna, ben)).toEqual([])
    expect(await wrongCounters(on.app)).toEqual([])
  })

  it('refuses moderators too when the account is closed', async () => {
    const { app } = on
    const moderator = await insertSignedInMember(app, { role: 'moderator' })
    const [banned] = await insertMembers(app, 1, { status: 'banned' })
    expect((await app.send('GET', `/users/${banned?.id}`, { token: moderator.accessToken })).status).toBe(200)
    expect((await follow(moderator, banned?.id ?? '')).status).toBe(404)
    expect(await countStored(app, 'follows', `follower_id = '${moderator.id}'`)).toBe(0)
  })

  it('refuses a member from the moment they are banned', async () => {
    const { anna, ben } = await makePair()
    await changeMember(on.app, ben.id, { status: 'banned' })
    expect((await follow(anna, ben.id)).status).toBe(404)
    expect((await follow(ben, anna.id)).status).toBe(403)
    expect(await edgesBetween(on.app, anna, ben)).toEqual([])
  })

  it('lets a member follow from the moment their suspension is over', async () => {
    const { anna, ben } = await makePair()
    const { app } = on
    const suspension_ends_at = new Date(app.clock.now().getTime() + 1_000)
    await changeMember(app, anna.id, { status: 'suspended', suspension_ends_at })
    expect((await follow(anna, ben.id)).status).toBe(403)
    app.clock.advance(1_000)
    expect((await follow(anna, ben.id)).status).toBe(200)
  })

  it('takes no ends, times or acceptance from the request', async () => {
    const { anna, ben } = await makePair({ privacy_level: 'private' })
    const carla = await insertSignedInMember(on.app)
    const body = { follower_id: carla.id, following_id: carla.id, is_accepted: true, notified: true }
    await on.app.send('POST', `/users/${ben.id}/follow?follower_id=${carla.id}&is_accepted=true`, {
      token: anna.accessToken,
      body,
    })
    expect(await countStored(on.app, 'follows', `follower_id = '${carla.id}'`)).toBe(0)
    for (const [follower, isAccepted] of await edgesBetween(on.app, anna, ben)) {
      expect([follower, isAccepted]).toEqual([anna.id, false])
    }
  })

  it('follows a public profile at once and counts it on both', async () => {
    const { anna, ben } = await makePair()
    const answer = await follow(anna, ben.username.toUpperCase())
    expect(answer.status).toBe(200)
    expect(Object.keys(answer.body).sort()).toEqual([...fields].sort())
    expect(answer.body).toMatchObject({
      follower_id: anna.id,
      following_id: ben.id,
      created_at: on.app.clock.now().toISOString(),
      is_accepted: true,
      is_mutual: false,
    })
    expect(await storedRows(on.app, 'follows', `id = '${answer.body.id}'`)).toHaveLength(1)
    expect(await countersOf(on.app, ben)).toEqual([1, 0])
    expect(await countersOf(on.app, anna)).toEqual([0, 1])
    const { body } = await on.app.send('GET', '/auth/me', { token: ben.accessToken })
    expect([body.followers_count, body.following_count]).toEqual([1, 0])
  })

  it('says when both follow each other', async () => {
    const { anna, ben } = await makePair()
    await follow(anna, ben.id)
    expect((await follow(ben, anna.id)).body).toMatchObject({ is_accepted: true, is_mutual: true })
    const { body } = await on.app.send('GET', `/users/${ben.id}`, { token: anna.accessToken })
    expect(body).toMatchObject({ is_following: true, is_followed_by: true })
  })

  it('asks a private profile and counts nothing, also when the other follows already', async () => {
    const { anna, ben } = await makePair({ privacy_level: 'private' })
    await follow(ben, anna.id)
    expect((await follow(anna, ben.id)).body).toMatchObject({ is_accepted: false, is_mutual: false })
    expect(await edgesBetween(on.app, anna, ben)).toContainEqual([anna.id, false])
    expect(await countersOf(on.app, ben)).toEqual([0, 1])
    const { body } = await on.app.send('GET', `/users/${ben.id}`, { token: anna.accessToken })
    expect(body.is_following).toBe(false)
    expect(await wrongCounters(on.app)).toEqual([])
  })

  it('leaves requests waiting when the profile turns public, and edges when it turns private', async () => {
    const { anna, ben } = await makePair({ privacy_level: 'private' })
    const carla = await insertSignedInMember(on.app)
    await follow(anna, ben.id)
    await changeMember(on.app, ben.id, { privacy_level: 'public' })
    expect((await follow(anna, ben.id)).body.code).toBe('accounts.already_following')
    expect(await edgesBetween(on.app, anna, ben)).toEqual([[anna.id, false]])
    expect((await follow(carla, ben.id)).body.is_accepted).toBe(true)
    await changeMember(on.app, ben.id, { privacy_level: 'private' })
    expect(await edgesBetween(on.app, carla, ben)).toEqual([[carla.id, true]])
    expect(await countersOf(on.app, ben)).toEqual([1, 0])
  })

  it('writes nothing into the audit log', async () => {
    const { anna, ben } = await makePair()
    const before = await countStored(on.app, 'audit_events')
    await follow(anna, ben.id)
    await block(ben, anna.id)
    await follow(anna, ben.id)
    expect(await countStored(on.app, 'audit_events')).toBe(before)
  })
})
