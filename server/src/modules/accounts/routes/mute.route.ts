import { succeeded } from '@outcry/contract/conventions'
import { relationsContract } from '@outcry/contract/relations'
import { defineRoute } from '../../../platform/http/route.ts'
import { accountsErrors } from '../accounts.errors.ts'
import type { AccountsServices } from '../accounts.services.ts'

/** Mutes a member. */
export const muteRoute = defineRoute(relationsContract.mute, {
  access: 'signed-in',
  limit: 'default',
  scope: 'social:write',
  notFound: accountsErrors.userNotFound,
  async handle({ actor, params }, { relations }: AccountsServices) {
    await relations.blocks.mute(actor, params.id)
    return succeeded('You mute this member.')
  },
})
