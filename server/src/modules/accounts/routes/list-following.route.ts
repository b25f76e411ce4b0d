import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserPublic } from '../users/user.view.ts'

/** Whom a member follows, newest first. */
export const listFollowingRoute = defineRoute(relationsContract.listFollowing, {
  access: 'optional',
  limit: 'default',
  scope: 'users:read',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params, query }, { relations }: AccountsServices) {
    const { items, ...page } = await relations.lists.following(actor, params.id, query)
    return { items: items.map(({ user, relation }) => viewUserPublic(user, relation)), ...page }
  },
})
