import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'
import { seenVersion } from './if-match.ts'

/** Destroys one of your broker keys. */
export const deleteCredentialRoute = defineRoute(credentialsContract.deleteCredential, {
  access: 'fresh-where-due',
  limit: 'default',
  notFound: vaultErrors.credentialNotFound,
  async handle(call, { destroyCredential }: VaultServices) {
    await destroyCredential(actingIn(call), call.params.id, seenVersion(call.headers['if-match']))
    return null
  },
})
