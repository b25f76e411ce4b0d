import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewFollow } from '../relations/follow.view.ts'

/** Follows a member, or asks to. */
export const followRoute = defineRoute(relationsContract.follow, {
  access: 'signed-in',
  limit: 'default',
  scope: 'social:write',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    return viewFollow(await relations.follows.follow(actor, params.id))
  },
})
