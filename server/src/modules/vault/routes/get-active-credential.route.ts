import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewActiveCredential } from '../credentials/credential.view.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Reads which of your broker keys you have chosen. */
export const getActiveCredentialRoute = defineRoute(credentialsContract.getActiveCredential, {
  access: 'signed-in',
  limit: 'default',
  async handle(call, { activeCredential }: VaultServices) {
    return viewActiveCredential(await activeCredential.get(actingIn(call).userId))
  },
})
