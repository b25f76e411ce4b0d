import type { SignedInUsers } from '../sessions/signed-in-users.ts'
import { type BlocksOptions, createBlocks } from './blocks.ts'
import { createCountChange } from './count-changes.ts'
import { createFollowLists, type FollowListsOptions } from './follow-lists.ts'
import { createFollows } from './follows.ts'

export type RelationsOptions = Omit<BlocksOptions, 'countChange'> &
  FollowListsOptions & { readonly signedInUsers: SignedInUsers }

/** What members are to each other: following, blocking, muting. */
export function createRelations({ signedInUsers, ...options }: RelationsOptions) {
  const changing = { ...options, countChange: createCountChange(signedInUsers) }
  return {
    follows: createFollows(changing),
    blocks: createBlocks(changing),
    lists: createFollowLists(options),
  }
}
