import { succeeded } from '@outcry/contract/conventions'
import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'

/** Blocks a member. */
export const blockRoute = defineRoute(relationsContract.block, {
  access: 'signed-in',
  limit: 'default',
  scope: 'social:write',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    await relations.blocks.block(actor, params.id)
    return succeeded('You block this member.')
  },
})
