import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'
import { credentialAnswer } from './credential-answer.ts'

/** Reads what is known of one of your broker keys. */
export const getCredentialRoute = defineRoute(credentialsContract.getCredential, {
  access: 'signed-in',
  limit: 'default',
  notFound: vaultErrors.credentialNotFound,
  async handle(call, { credentials }: VaultServices) {
    return credentialAnswer(await credentials.get(actingIn(call), call.params.id))
  },
})
