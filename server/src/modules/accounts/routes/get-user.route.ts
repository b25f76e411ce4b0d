import { usersContract } from '@outcry/contract/users'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewMember } from '../users/user.view.ts'

/** One member, by id or username. */
export const getUserRoute = defineRoute(usersContract.getUser, {
  access: 'optional',
  limit: 'default',
  scope: 'users:read',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { members }: AccountsServices) {
    const { user, relation } = await members.get(actor, params.id)
    return viewMember(user, relation, actor)
  },
})
