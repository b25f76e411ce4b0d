import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewFollow } from '../relations/follow.view.ts'

/** Lets somebody follow the caller. */
export const acceptFollowRequestRoute = defineRoute(relationsContract.acceptFollowRequest, {
  access: 'signed-in',
  limit: 'default',
  scope: 'social:write',
  notFound: accountsErrors.followRequestNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    return viewFollow(await relations.follows.accept(actor, params.id))
  },
})
