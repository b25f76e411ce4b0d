import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AccessRefusedError, insertRow } from '../../../platform/db/index.ts'
import { relate } from '../../../testing/factories.ts'
import { edgesBetween, sendAs, wrongCounters } from '../../../testing/relations.ts'
import { type ActingMember, insertSignedInMembers } from '../../../testing/signed-in-rows.ts'
import { startTestApp, type TestApp, type TestAppOptions } from '../../../testing/start-test-app.ts'
import { countStored, runAsOwner } from '../../../testing/stored-rows.ts'
import { sql } from '../accounts.tables.ts'
import { deleteBlock, isBlocking } from './block.store.ts'
import { deleteMute, isMuting } from './mute.store.ts'
import { blocks, follows, mutes } from './relation.table.ts'

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

describe.each(modes)('relations on $name', ({ isRowSecurityOff, ...options }) => {
  let running: TestApp | undefined
  const on = () => {
    if (!running) throw new Error('The application is not there.')
    return running
  }
  const makeThree = async (): Promise<[ActingMember, ActingMember, ActingMember]> => {
    const [anna, ben, carla] = await insertSignedInMembers(on(), 3)
    if (!anna || !ben || !carla) throw new Error('No members were made.')
    return [anna, ben, carla]
  }
  const send = (actor: ActingMember, ...at: [string, string, string]) => sendAs(on(), actor, at)

  beforeAll(async () => {
    running = await startTestApp(options)
    for (const table of isRowSecurityOff ? ['follows', 'blocks', 'mutes'] : []) {
      await runAsOwner(running, `alter table "${table}" disable row level security`)
    }
  })
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]()
  })

  it('are read by their own member only', async () => {
    const [anna, ben] = await makeThree()
    await send(ben, 'POST', anna.id, '/block')
    await send(ben, 'POST', anna.id, '/mute')
    expect((await send(ben, 'GET', anna.id, '/block')).body).toEqual({ is_blocked: true })
    expect((await send(ben, 'GET', anna.id, '/mute')).body).toEqual({ is_muted: true })
    expect((await send(anna, 'GET', ben.id, '/block')).body).toEqual({ is_blocked: false })
    expect((await send(anna, 'GET', ben.id, '/mute')).body).toEqual({ is_muted: false })
    const { db } = on().app.platform
    expect(await isBlocking(db.asMember(anna.id), { blocker_id: anna.id, blocked_id: anna.id })).toBe(false)
    expect(await isMuting(db.asMember(anna.id), { muter_id: anna.id, muted_id: anna.id })).toBe(false)
  })

  it('are changed by their own member only', async () => {
    const [anna, ben, carla] = await makeThree()
    for (const actor of [anna, ben]) {
      await send(actor, 'POST', carla.id, '/block')
      await send(actor, 'POST', carla.id, '/mute')
    }
    await send(anna, 'DELETE', carla.id, '/block')
    await send(anna, 'DELETE', carla.id, '/mute')
    expect(await countStored(on(), 'blocks', `blocked_id = '${carla.id}'`)).toBe(1)
    expect(await countStored(on(), 'mutes', `muted_id = '${carla.id}'`)).toBe(1)
    const { db } = on().app.platform
    await db.withMember(anna.id, async (tx) => {
      await deleteBlock(tx, { blocker_id: anna.id, blocked_id: carla.id })
      await deleteMute(tx, { muter_id: anna.id, muted_id: carla.id })
    })
    expect(await countStored(on(), 'blocks', `blocker_id = '${ben.id}'`)).toBe(1)
    expect(await countStored(on(), 'mutes', `muter_id = '${ben.id}'`)).toBe(1)
  })

  it('of others stay as they are, whatever a member does', async () => {
    const [anna, ben, carla] = await makeThree()
    await send(ben, 'POST', carla.id, '/follow')
    await send(carla, 'POST', ben.id, '/follow')
    await send(anna, 'POST', carla.id, '/follow')
    await send(anna, 'DELETE', ben.id, '/follow')
    await send(anna, 'POST', ben.id, '/block')
    expect((await edgesBetween(on(), ben, carla)).sort()).toEqual(
      [
        [ben.id, true],
        [carla.id, true],
      ].sort(),
    )
    await send(anna, 'DELETE', carla.id, '/follow')
    expect(await edgesBetween(on(), ben, carla)).toHaveLength(2)
    expect(await wrongCounters(on())).toEqual([])
  })

  it('that wait are answered by who is asked only', async () => {
    const [anna, ben] = await makeThree()
    const [shy, other] = await insertSignedInMembers(on(), 2, { privacy_level: 'private' })
    if (!shy || !other) throw new Error('No members were made.')
    const mine = await send(anna, 'POST', shy.id, '/follow')
    await send(anna, 'POST', other.id, '/follow')
    await send(ben, 'POST', shy.id, '/follow')
    expect((await send(other, 'POST', 'me', `/follow-requests/${mine.body.id}/accept`)).status).toBe(404)
    expect((await send(other, 'DELETE', 'me', `/follow-requests/${mine.body.id}`)).status).toBe(404)
    expect((await send(shy, 'POST', 'me', `/follow-requests/${mine.body.id}/accept`)).status).toBe(200)
    expect(await edgesBetween(on(), anna, other)).toEqual([[anna.id, false]])
    expect(await edgesBetween(on(), ben, shy)).toEqual([[ben.id, false]])
    expect(await wrongCounters(on())).toEqual([])
  })

  it('leave a list to those it is for', async () => {
    const [anna, ben, carla] = await makeThree()
    await relate(on(), { follower: carla, following: ben })
    await relate(on(), { blocker: carla, blocked: anna })
    expect((await send(anna, 'GET', ben.id, '/followers')).body).toMatchObject({ total: 0, items: [] })
    expect((await send(ben, 'GET', ben.id, '/followers')).body.total).toBe(1)
    await relate(on(), { blocker: ben, blocked: anna })
    expect((await send(anna, 'GET', ben.id, '/followers')).status).toBe(404)
  })
})

describe('row security on relations', () => {
  it('refuses rows in the name of another member', async () => {
    await using app = await startTestApp({ dialect: 'postgres' })
    const { db, newId, clock } = app.app.platform
    const [anna, ben] = await insertSignedInMembers(app, 2)
    if (!anna || !ben) throw new Error('No members were made.')
    const at = { id: newId(), created_at: clock.now() }
    const insertFollow = insertRow(sql, follows)
    const insertBlock = insertRow(sql, blocks)
    const insertMute = insertRow(sql, mutes)
    for (const work of [
      () =>
        db.withMember(anna.id, (tx) =>
          insertFollow(tx, {
            ...at,
            updated_at: at.created_at,
            follower_id: ben.id,
            following_id: anna.id,
          }),
        ),
      () =>
        db.withMember(anna.id, (tx) => insertBlock(tx, { ...at, blocker_id: ben.id, blocked_id: anna.id })),
      () => db.withMember(anna.id, (tx) => insertMute(tx, { ...at, muter_id: ben.id, muted_id: anna.id })),
    ]) {
      await expect(work()).rejects.toThrow(AccessRefusedError)
    }
    for (const table of ['follows', 'blocks', 'mutes']) expect(await countStored(app, table)).toBe(0)
  })
})
