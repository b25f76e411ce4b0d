import { succeeded } from '@outcry/contract/conventions'
import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'

/** Declines a request to follow the caller. */
export const declineFollowRequestRoute = defineRoute(relationsContract.declineFollowRequest, {
  access: 'signed-in',
  limit: 'default',
  scope: 'social:write',
  notFound: accountsErrors.followRequestNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    await relations.follows.decline(actor, params.id)
    return succeeded('The request was declined.')
  },
})
