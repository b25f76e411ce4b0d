import { usersContract } from '@outcry/contract/users'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserSelf } from '../users/user.view.ts'

/** The caller's own account with what nobody else sees. */
export const getSelfRoute = defineRoute(usersContract.getSelf, {
  access: 'signed-in-or-pending',
  limit: 'default',
  scope: 'account:read',
  async handle({ actor }, { members }: AccountsServices) {
    return viewUserSelf(await members.getSelf(actor))
  },
})
