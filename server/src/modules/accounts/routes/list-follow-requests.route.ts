import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewFollowRequest } from '../relations/follow.view.ts'

/** Who asks to follow the caller, newest first. */
export const listFollowRequestsRoute = defineRoute(relationsContract.listFollowRequests, {
  access: 'signed-in',
  limit: 'default',
  scope: 'users:read',
  async handle({ actor, query }, { relations }: AccountsServices) {
    const { items, ...page } = await relations.lists.requests(actor, query)
    return { items: items.map(viewFollowRequest), ...page }
  },
})
