import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewDeletedCredential } from '../credentials/credential.view.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Lists what is left of your broker keys that were deleted. */
export const listDeletedCredentialsRoute = defineRoute(credentialsContract.listDeletedCredentials, {
  access: 'signed-in',
  limit: 'default',
  async handle(call, { credentials }: VaultServices) {
    const { items, ...page } = await credentials.listDeleted(actingIn(call).userId, call.query)
    return { items: items.map(viewDeletedCredential), ...page }
  },
})
