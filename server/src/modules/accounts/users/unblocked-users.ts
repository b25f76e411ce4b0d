import { computed, integer } from '../../../platform/db/index.ts'
import { sql } from '../accounts.tables.ts'

type End = 'blocker_id' | 'blocked_id'

/**
 * The ids of everybody between whom and a member is a block, in either direction, each once. Nothing in it changes from one
 * row of a list to the next, so both engines read it once. To be run as the system, since a block is known to one side alone.
 */
export function blockedEitherWay(memberId: string) {
  const facing = (own: End, other: End) =>
    sql.from('blocks').select(`blocks.${other} as id`).where(`blocks.${own}`, '=', memberId)
  return facing('blocker_id', 'blocked_id').union(facing('blocked_id', 'blocker_id'))
}

type Users = ReturnType<typeof allUsers>
const allUsers = () => sql.from('users')

/** Narrows a statement on members to those that a list is about, by columns of theirs alone. */
export type Matching = (users: Users) => Users

/** Begins the list: of those who match the ones between whom and a viewer is no block, and all of them without a viewer. */
export function listUnblocked(matching: Matching, viewerId: string | undefined): Users {
  const all = matching(allUsers())
  return viewerId === undefined ? all : all.where('users.id', 'not in', blockedEitherWay(viewerId))
}

const countOf = (users: Users) =>
  users.select(({ fn }) => computed(fn.countAll<number>(), integer()).as('total'))

/**
 * How many there are in `listUnblocked`, as `total`. Whom it leaves out are few, so each is found by its id and taken off the
 * count of all: to look for every member among them costs several times as much.
 */
export function countUnblocked(matching: Matching, viewerId: string | undefined) {
  const all = matching(allUsers())
  if (viewerId === undefined) return countOf(all)
  const leftOut = sql.from(blockedEitherWay(viewerId).as('apart')).select(({ fn, lit, selectFrom }) => {
    const one = countOf(matching(selectFrom('users').whereRef('users.id', '=', 'apart.id')))
    return computed(fn.coalesce(fn.sum<number>(one), lit(0)), integer()).as('total')
  })
  return all.select((eb) => computed(eb(eb.fn.countAll<number>(), '-', leftOut), integer()).as('total'))
}
