import { accountsContract } from '@outcry/contract/accounts'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserFull } from '../users/user.view.ts'

/** The caller's own account. */
export const getMeRoute = defineRoute(accountsContract.getMe, {
  access: 'signed-in-or-pending',
  limit: 'default',
  scope: 'account:read',
  handle({ actor }, { members }: AccountsServices) {
    const self = members.getSelf(actor)
    return self instanceof Promise ? self.then(viewUserFull) : viewUserFull(self)
  },
})
