import type { Clock } from '../../../platform/clock.ts'
import type { Db } from '../../../platform/db/index.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsActor } from '../accounts.policy.ts'
import type { Members } from '../users/members.ts'
import { deleteBlock, insertBlock, isBlocking } from './block.store.ts'
import type { CountChange } from './count-changes.ts'
import { deleteFollowsBetween } from './follow.store.ts'
import { lockPair } from './lock-pair.ts'
import { deleteMute, insertMute, isMuting } from './mute.store.ts'

export interface BlocksOptions {
  readonly db: Db
  readonly clock: Clock
  readonly newId: () => string
  readonly members: Pick<Members, 'find'>
  readonly countChange: CountChange
}

/**
 * Blocking and muting. Each is known to the one who does it alone, and doing it or taking it back twice is the same as
 * once. All throw `accounts.user_not_found`; what changes something throws `accounts.not_yourself`.
 */
export function createBlocks({ db, clock, newId, members, countChange }: BlocksOptions) {
  const findOther = async (actor: AccountsActor, idOrName: string): Promise<string> => {
    const { id } = await members.find(actor, idOrName)
    if (id === actor.id) throw accountsErrors.notYourself()
    return id
  }

  return {
    async isBlocked(actor: AccountsActor, idOrName: string): Promise<boolean> {
      const { id } = await members.find(actor, idOrName)
      return isBlocking(db.asMember(actor.id), { blocker_id: actor.id, blocked_id: id })
    },

    /** Also ends what either of the two was to the other: follows with their counters, and requests. */
    async block(actor: AccountsActor, idOrName: string): Promise<void> {
      const id = await findOther(actor, idOrName)
      await db.withSystem(async (tx) => {
        const now = clock.now()
        await lockPair(tx, { actor, otherId: id, now })
        await insertBlock(tx, { id: newId(), created_at: now, blocker_id: actor.id, blocked_id: id })
        for (const edge of await deleteFollowsBetween(tx, actor.id, id)) {
          if (edge.is_accepted) await countChange(tx, edge, -1)
        }
      })
    },

    /** Brings back nothing of what the block ended. */
    async unblock(actor: AccountsActor, idOrName: string): Promise<void> {
      const id = await findOther(actor, idOrName)
      await db.withMember(actor.id, (tx) => deleteBlock(tx, { blocker_id: actor.id, blocked_id: id }))
    },

    async isMuted(actor: AccountsActor, idOrName: string): Promise<boolean> {
      const { id } = await members.find(actor, idOrName)
      return isMuting(db.asMember(actor.id), { muter_id: actor.id, muted_id: id })
    },

    /** Changes nothing for the other member, and nothing else for this one. */
    async mute(actor: AccountsActor, idOrName: string): Promise<void> {
      const id = await findOther(actor, idOrName)
      await db.withSystem(async (tx) => {
        const now = clock.now()
        await lockPair(tx, { actor, otherId: id, now })
        await insertMute(tx, { id: newId(), created_at: now, muter_id: actor.id, muted_id: id })
      })
    },

    async unmute(actor: AccountsActor, idOrName: string): Promise<void> {
      const id = await findOther(actor, idOrName)
      await db.withMember(actor.id, (tx) => deleteMute(tx, { muter_id: actor.id, muted_id: id }))
    },
  }
}
