import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewCredential } from '../credentials/credential.view.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Lists what is known of your broker keys. */
export const listCredentialsRoute = defineRoute(credentialsContract.listCredentials, {
  access: 'signed-in',
  limit: 'default',
  async handle(call, services: VaultServices) {
    const { account_id: accountId, credential_type: type, is_active: isActive, ...query } = call.query
    const { items, ...page } = await services.credentials.list(actingIn(call).userId, {
      ...{ accountId, type, isActive },
      ...query,
    })
    const credentials = items.map(viewCredential)
    return { status: 'success' as const, credentials, count: credentials.length, items: credentials, ...page }
  },
})
