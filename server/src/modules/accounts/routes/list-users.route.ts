import { accountsContract } from '@outcry/contract/accounts'
import { defineRoute } from '../../../platform/http/route.ts'
import type { AccountsServices } from '../accounts.services.ts'
import { viewUserPublic } from '../user.view.ts'

/** Members in pages, newest first. */
export const listUsersRoute = defineRoute(accountsContract.listUsers, {
  access: 'optional',
  limit: 'default',
  async handle({ actor, query }, { members }: AccountsServices) {
    const { items, ...page } = await members.list(actor, query)
    return { items: items.map(({ user, relation }) => viewUserPublic(user, relation)), ...page }
  },
})
