import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewActiveCredential } from '../credentials/credential.view.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Chooses one of your broker keys, or none. */
export const chooseActiveCredentialRoute = defineRoute(credentialsContract.chooseActiveCredential, {
  access: 'signed-in',
  limit: 'default',
  async handle(call, { activeCredential }: VaultServices) {
    return viewActiveCredential(await activeCredential.choose(actingIn(call), call.body.credential_id))
  },
})
