import { usersContract } from '@outcry/contract/users'
import { MINUTE } from '../../../platform/durations.ts'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewMember } from '../users/user.view.ts'

/** Members in pages, newest first. */
export const listUsersRoute = defineRoute(usersContract.listUsers, {
  access: 'optional',
  // Note: each counts all members there are, whichever page it asks for.
  limit: { per: 'account', name: 'users', max: 60, windowMs: MINUTE },
  scope: 'users:read',
  async handle({ actor, query }, { members }: AccountsServices) {
    const { items, ...page } = await members.list(actor, query)
    return { items: items.map(({ user, relation }) => viewMember(user, relation, actor)), ...page }
  },
})
