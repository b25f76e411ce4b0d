import { accountsOfVaultContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewTradingAccount } from '../accounts/trading-account.view.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Renames, closes or opens one of your trading accounts. */
export const updateTradingAccountRoute = defineRoute(accountsOfVaultContract.updateTradingAccount, {
  access: 'signed-in',
  limit: 'default',
  notFound: vaultErrors.accountNotFound,
  async handle(call, { tradingAccounts }: VaultServices) {
    const { account_name, is_active } = call.body
    if (account_name === undefined && is_active === undefined) throw vaultErrors.nothingGiven()
    const change = {
      ...(account_name === undefined ? {} : { account_name }),
      ...(is_active === undefined ? {} : { is_active }),
    }
    return viewTradingAccount(await tradingAccounts.update(actingIn(call), call.params.id, change))
  },
})
