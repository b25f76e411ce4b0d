import { expect, it } from 'vitest'
import { relate } from '../../../testing/factories.ts'
import { countersOf, sendAs, wrongCounters } from '../../../testing/relations.ts'
import { insertSignedInMembers } from '../../../testing/signed-in-rows.ts'
import { forEachApp } from '../../../testing/start-test-app.ts'
import { countStored } from '../../../testing/stored-rows.ts'
import { removeRelationsOf } from './relation.store.ts'

forEachApp('removeRelationsOf', {}, (on) => {
  it('takes everything of one member away, both ways, and leaves what others are to each other', async () => {
    const { app } = on
    const [gone, ben, carla] = await insertSignedInMembers(app, 3)
    const [shy] = await insertSignedInMembers(app, 1, { privacy_level: 'private' })
    if (!gone || !ben || !carla || !shy) throw new Error('No members were made.')
    for (const [actor, other] of [
      [gone, ben],
      [ben, gone],
      [carla, gone],
      [carla, ben],
      [gone, shy],
      [ben, shy],
    ] as const) {
      expect((await sendAs(app, actor, ['POST', other.id, '/follow'])).status).toBe(200)
    }
    await relate(app, { blocker: gone, blocked: carla })
    await relate(app, { blocker: shy, blocked: gone })
    await relate(app, { blocker: shy, blocked: carla })
    for (const [actor, other] of [
      [gone, ben],
      [ben, gone],
      [ben, carla],
    ] as const) {
      await sendAs(app, actor, ['POST', other.id, '/mute'])
    }

    await app.app.platform.db.withSystem((tx) => removeRelationsOf(tx, gone.id))

    const of = (...columns: string[]) => columns.map((column) => `${column} = '${gone.id}'`).join(' or ')
    expect(await countStored(app, 'follows', of('follower_id', 'following_id'))).toBe(0)
    expect(await countStored(app, 'blocks', of('blocker_id', 'blocked_id'))).toBe(0)
    expect(await countStored(app, 'mutes', of('muter_id', 'muted_id'))).toBe(0)
    expect(await countStored(app, 'follows')).toBe(2)
    expect(await countStored(app, 'blocks')).toBe(1)
    expect(await countStored(app, 'mutes')).toBe(1)
    expect(await countersOf(app, gone)).toEqual([0, 0])
    expect(await countersOf(app, ben)).toEqual([1, 0])
    expect(await countersOf(app, carla)).toEqual([0, 1])
    expect(await countersOf(app, shy)).toEqual([0, 0])
    expect(await wrongCounters(app)).toEqual([])
  })

  it('does nothing for a member without relations', async () => {
    const { app } = on
    const [alone] = await insertSignedInMembers(app, 1)
    await app.app.platform.db.withSystem((tx) => removeRelationsOf(tx, alone?.id ?? ''))
    expect(await wrongCounters(app)).toEqual([])
  })
})
