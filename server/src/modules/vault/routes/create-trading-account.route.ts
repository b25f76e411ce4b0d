import { accountsOfVaultContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewTradingAccount } from '../accounts/trading-account.view.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Makes a trading account. */
export const createTradingAccountRoute = defineRoute(accountsOfVaultContract.createTradingAccount, {
  access: 'signed-in',
  limit: 'default',
  async handle(call, { tradingAccounts }: VaultServices) {
    return viewTradingAccount(await tradingAccounts.create(actingIn(call), call.body.account_name))
  },
})
