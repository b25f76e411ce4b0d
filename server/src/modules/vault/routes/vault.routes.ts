import { type BoundRoute, bindRoutes } from '../../../platform/http/route.ts'
import type { VaultServices } from '../vault.services.ts'
import { chooseActiveCredentialRoute } from './choose-active-credential.route.ts'
import { createTradingAccountRoute } from './create-trading-account.route.ts'
import { deleteCredentialRoute } from './delete-credential.route.ts'
import { deleteTradingAccountRoute } from './delete-trading-account.route.ts'
import { getActiveCredentialRoute } from './get-active-credential.route.ts'
import { getCredentialRoute } from './get-credential.route.ts'
import { getOrCreateTradingAccountRoute } from './get-or-create-trading-account.route.ts'
import { getTradingAccountRoute } from './get-trading-account.route.ts'
import { listCredentialAuditRoute } from './list-credential-audit.route.ts'
import { listCredentialsRoute } from './list-credentials.route.ts'
import { listDeletedCredentialsRoute } from './list-deleted-credentials.route.ts'
import { listTradingAccountsRoute } from './list-trading-accounts.route.ts'
import { storeCredentialRoute } from './store-credential.route.ts'
import { updateCredentialRoute } from './update-credential.route.ts'
import { updateTradingAccountRoute } from './update-trading-account.route.ts'
import { validateCredentialRoute } from './validate-credential.route.ts'

/** The routes of this module by the names of their contract. */
export function vaultRoutes(services: VaultServices): BoundRoute[] {
  return bindRoutes(services, {
    listTradingAccounts: listTradingAccountsRoute,
    createTradingAccount: createTradingAccountRoute,
    getOrCreateTradingAccount: getOrCreateTradingAccountRoute,
    getTradingAccount: getTradingAccountRoute,
    updateTradingAccount: updateTradingAccountRoute,
    deleteTradingAccount: deleteTradingAccountRoute,
    storeCredential: storeCredentialRoute,
    listCredentials: listCredentialsRoute,
    getActiveCredential: getActiveCredentialRoute,
    chooseActiveCredential: chooseActiveCredentialRoute,
    listDeletedCredentials: listDeletedCredentialsRoute,
    getCredential: getCredentialRoute,
    updateCredential: updateCredentialRoute,
    deleteCredential: deleteCredentialRoute,
    validateCredential: validateCredentialRoute,
    listCredentialAudit: listCredentialAuditRoute,
  })
}
