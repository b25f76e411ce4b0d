import { succeeded } from '@outcry/contract/conventions'
import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'

/** Stops following a member, or takes the request back. */
export const unfollowRoute = defineRoute(relationsContract.unfollow, {
  access: 'signed-in',
  limit: 'default',
  scope: 'social:write',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    await relations.follows.unfollow(actor, params.id)
    return succeeded('You do not follow this member any more.')
  },
})
