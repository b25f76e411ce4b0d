import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'

/** Whether the caller mutes a member. */
export const getMuteRoute = defineRoute(relationsContract.getMute, {
  access: 'signed-in',
  limit: 'default',
  scope: 'users:read',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    return { is_muted: await relations.blocks.isMuted(actor, params.id) }
  },
})
