import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'
import { secretUseLimit } from './limits.ts'

/** Tries one of your broker keys at its broker. */
export const validateCredentialRoute = defineRoute(credentialsContract.validateCredential, {
  access: 'signed-in',
  limit: secretUseLimit,
  notFound: vaultErrors.credentialNotFound,
  async handle(call, { validateCredential }: VaultServices) {
    return validateCredential(actingIn(call), call.params.id)
  },
})
