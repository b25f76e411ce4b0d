import { usersContract } from '@outcry/contract/users'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewMember } from '../users/user.view.ts'
import { searchLimit } from './limits.ts'

/** Members whose username or display name holds a text, in pages, newest first. */
export const searchUsersRoute = defineRoute(usersContract.searchUsers, {
  access: 'optional',
  limit: searchLimit,
  scope: 'users:read',
  async handle({ actor, query }, { searchMembers }: AccountsServices) {
    const { items, ...page } = await searchMembers(actor, query)
    return { items: items.map(({ user, relation }) => viewMember(user, relation, actor)), ...page }
  },
})
