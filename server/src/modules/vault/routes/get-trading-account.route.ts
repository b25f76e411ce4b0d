import { accountsOfVaultContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewTradingAccount } from '../accounts/trading-account.view.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Reads one of your trading accounts. */
export const getTradingAccountRoute = defineRoute(accountsOfVaultContract.getTradingAccount, {
  access: 'signed-in',
  limit: 'default',
  notFound: vaultErrors.accountNotFound,
  async handle(call, { tradingAccounts }: VaultServices) {
    return viewTradingAccount(await tradingAccounts.get(actingIn(call), call.params.id))
  },
})
