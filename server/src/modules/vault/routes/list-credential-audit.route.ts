import { credentialsContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewCredentialEvent } from '../credentials/credential-audit.view.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'
import { credentialAuditLimit } from './limits.ts'

/** Lists what was done with one of your broker keys, and by whom. */
export const listCredentialAuditRoute = defineRoute(credentialsContract.listCredentialAudit, {
  access: 'signed-in',
  limit: credentialAuditLimit,
  notFound: vaultErrors.credentialNotFound,
  async handle(call, { credentialAudit }: VaultServices) {
    const { items, ...page } = await credentialAudit(actingIn(call), call.params.id, call.query)
    return { items: items.map(viewCredentialEvent), ...page }
  },
})
