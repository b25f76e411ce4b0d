import { accountsOfVaultContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewTradingAccount } from '../accounts/trading-account.view.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Finds a trading account of yours, or makes it. */
export const getOrCreateTradingAccountRoute = defineRoute(accountsOfVaultContract.getOrCreateTradingAccount, {
  access: 'signed-in',
  limit: 'default',
  async handle(call, { tradingAccounts }: VaultServices) {
    const found = await tradingAccounts.getOrCreate(actingIn(call), call.body.account_name)
    return { account: viewTradingAccount(found.account), created: found.created }
  },
})
