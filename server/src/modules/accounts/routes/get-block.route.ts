import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'

/** Whether the caller blocks a member. */
export const getBlockRoute = defineRoute(relationsContract.getBlock, {
  access: 'signed-in',
  limit: 'default',
  scope: 'users:read',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    return { is_blocked: await relations.blocks.isBlocked(actor, params.id) }
  },
})
