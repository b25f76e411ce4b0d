import { succeeded } from '@outcry/contract/conventions'
import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'

/** Stops muting a member. */
export const unmuteRoute = defineRoute(relationsContract.unmute, {
  access: 'signed-in',
  limit: 'default',
  scope: 'social:write',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    await relations.blocks.unmute(actor, params.id)
    return succeeded('You do not mute this member.')
  },
})
