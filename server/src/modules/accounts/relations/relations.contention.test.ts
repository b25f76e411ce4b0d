import { expect, it } from 'vitest'
import { countersOf, edgesBetween, sendAs, wrongCounters } from '../../../testing/relations.ts'
import {
  type ActingMember,
  insertSignedInMember,
  insertSignedInMembers,
} from '../../../testing/signed-in-rows.ts'
import { forEachApp, startTestApp, type TestApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'
import { removeRelationsOf } from './relation.store.ts'

type Change = (app: TestApp, actor: ActingMember, other: ActingMember) => Promise<number>

const change =
  (method: string, path: string): Change =>
  async (app, actor, other) =>
    (await sendAs(app, actor, [method, other.id, path])).status
const follow = change('POST', '/follow')
const unfollow = change('DELETE', '/follow')
const block = change('POST', '/block')
const unblock = change('DELETE', '/block')

async function requestIdOf(app: TestApp, member: ActingMember): Promise<string> {
  const { body } = await sendAs(app, member, ['GET', 'me', '/follow-requests'])
  return (body.items as { id: string }[])[0]?.id ?? ''
}

const pairOf = async (app: TestApp, traits = {}) => {
  const follower = await insertSignedInMember(app)
  return { follower, followed: await insertSignedInMember(app, traits) }
}

forEachApp('relations at once', {}, (on) => {
  it('follow one member fifty times: one edge, counted once', async () => {
    const { app } = on
    const { follower, followed } = await pairOf(app)
    const statuses = await Promise.all(Array.from({ length: 50 }, () => follow(app, follower, followed)))
    expect(statuses.sort()).toEqual([200, ...Array(49).fill(400)])
    expect(await edgesBetween(app, follower, followed)).toEqual([[follower.id, true]])
    expect(await countersOf(app, followed)).toEqual([1, 0])
    expect(await countersOf(app, follower)).toEqual([0, 1])
    expect(await wrongCounters(app)).toEqual([])
  })

  it('follow one member as thirty: thirty edges', async () => {
    const { app } = on
    const followed = await insertSignedInMember(app)
    const followers = await insertSignedInMembers(app, 30)
    const statuses = await Promise.all(followers.map((follower) => follow(app, follower, followed)))
    expect(statuses).toEqual(Array(30).fill(200))
    expect(await countersOf(app, followed)).toEqual([30, 0])
    expect(await wrongCounters(app)).toEqual([])
  })

  it('let fifty pairs follow each other on two nodes without waiting in a circle', async () => {
    const { app, dialect } = on
    await using other = await startTestApp({ dialect, beside: app })
    const ones = await insertSignedInMembers(app, 50)
    const others = await insertSignedInMembers(app, 50)
    const pairs = ones.flatMap((one, i) => {
      const partner = others[i]
      return partner ? [[one, partner] as const] : []
    })
    for (const wave of [pairs.slice(0, 25), pairs.slice(25)]) {
      const statuses = await Promise.all(
        wave.flatMap(([one, partner]) => [follow(app, one, partner), follow(other, partner, one)]),
      )
      expect(statuses).toEqual(Array(50).fill(200))
    }
    for (const [one, partner] of pairs) {
      const { body } = await app.send('GET', `/users/${partner.id}`, { token: one.accessToken })
      expect(body).toMatchObject({ followers_count: 1, following_count: 1, is_following: true })
      expect(body.is_followed_by).toBe(true)
    }
    expect(await wrongCounters(app)).toEqual([])
  })

  it('follow and unfollow: the counters are what is stored', async () => {
    const { app } = on
    const { follower, followed } = await pairOf(app)
    const statuses = await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? unfollow : follow)(app, follower, followed)),
    )
    for (const status of statuses) expect([200, 400, 404]).toContain(status)
    expect(await wrongCounters(app)).toEqual([])
    const edges = await countStored(app, 'follows', `follower_id = '${follower.id}'`)
    expect(await countersOf(app, followed)).toEqual([edges, 0])
  })

  it('follow and block: a blocked pair has no edge, whoever came first', async () => {
    const { app } = on
    for (let round = 0; round < 10; round++) {
      const { follower, followed } = await pairOf(app)
      const statuses = await Promise.all([
        ...Array.from({ length: 4 }, () => follow(app, follower, followed)),
        block(app, followed, follower),
        ...Array.from({ length: 4 }, () => follow(app, followed, follower)),
      ])
      for (const status of statuses) expect([200, 400, 403]).toContain(status)
      expect(await edgesBetween(app, follower, followed)).toEqual([])
      expect(await countersOf(app, follower)).toEqual([0, 0])
    }
    expect(await wrongCounters(app)).toEqual([])
  })

  it('block each other, follow and unblock: the counters are what is stored', async () => {
    const { app } = on
    const { follower, followed } = await pairOf(app)
    const kinds = [follow, block, unfollow, unblock]
    const statuses = await Promise.all(
      Array.from({ length: 48 }, (_, n) => {
        const [actor, other] = n % 3 ? [follower, followed] : [followed, follower]
        return (kinds[n % 4] ?? follow)(app, actor, other)
      }),
    )
    for (const status of statuses) expect([200, 400, 403, 404]).toContain(status)
    expect(await wrongCounters(app)).toEqual([])
    await Promise.all([block(app, follower, followed), block(app, followed, follower)])
    expect(await countStored(app, 'blocks', `blocker_id in ('${follower.id}', '${followed.id}')`)).toBe(2)
    expect(await edgesBetween(app, follower, followed)).toEqual([])
  })

  it('accept a request while it is taken back, declined and accepted again', async () => {
    const { app } = on
    for (let round = 0; round < 8; round++) {
      const { follower, followed } = await pairOf(app, { privacy_level: 'private' })
      expect(await follow(app, follower, followed)).toBe(200)
      const id = await requestIdOf(app, followed)
      const answerWith = (method: string, path: string) =>
        sendAs(app, followed, [method, 'me', `/follow-requests/${id}${path}`]).then(({ status }) => status)
      const accepting = Array.from({ length: 4 }, () => answerWith('POST', '/accept'))
      const statuses = await Promise.all([
        ...accepting,
        unfollow(app, follower, followed),
        answerWith('DELETE', ''),
      ])
      expect(statuses.slice(0, 4).filter((status) => status === 200).length).toBeLessThanOrEqual(1)
      for (const status of statuses) expect([200, 404]).toContain(status)
      expect(await edgesBetween(app, follower, followed)).toEqual([])
    }
    expect(await wrongCounters(app)).toEqual([])
  })

  it('accept a request many times: counted once', async () => {
    const { app } = on
    const { follower, followed } = await pairOf(app, { privacy_level: 'private' })
    await follow(app, follower, followed)
    const path = `/follow-requests/${await requestIdOf(app, followed)}/accept`
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => sendAs(app, followed, ['POST', 'me', path])),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(404)])
    expect(await countersOf(app, followed)).toEqual([1, 0])
    expect(await wrongCounters(app)).toEqual([])
  })

  it('take a member’s relations away while others come and go', async () => {
    const { app } = on
    const { db } = app.app.platform
    const remove = ({ id }: ActingMember) => db.withSystem((tx) => removeRelationsOf(tx, id))
    for (let round = 0; round < 6; round++) {
      const [gone, ...others] = await insertSignedInMembers(app, 17)
      if (!gone) throw new Error('No members were made.')
      const [old, young] = [others.slice(0, 8), others.slice(8)]
      await Promise.all(old.flatMap((other) => [follow(app, other, gone), follow(app, gone, other)]))
      await Promise.all([
        ...old.slice(0, 4).map((other) => unfollow(app, other, gone)),
        remove(gone),
        ...old.slice(4).flatMap((other) => [unfollow(app, other, gone), unfollow(app, gone, other)]),
        ...young.flatMap((other) => [follow(app, other, gone), follow(app, gone, other)]),
        ...young.map((other, n) => follow(app, other, old[n] ?? gone)),
      ])
      expect(await wrongCounters(app)).toEqual([])
      await remove(gone)
      expect(await countersOf(app, gone)).toEqual([0, 0])
    }
    expect(await wrongCounters(app)).toEqual([])
  })

  it('mute and unmute: one row or none', async () => {
    const { app } = on
    const { follower, followed } = await pairOf(app)
    const mute = change('POST', '/mute')
    const unmute = change('DELETE', '/mute')
    const statuses = await Promise.all(
      Array.from({ length: 30 }, (_, n) => (n % 3 ? mute : unmute)(app, follower, followed)),
    )
    expect(statuses).toEqual(Array(30).fill(200))
    expect(await mute(app, follower, followed)).toBe(200)
    expect(await countStored(app, 'mutes', `muter_id = '${follower.id}'`)).toBe(1)
  })
})
