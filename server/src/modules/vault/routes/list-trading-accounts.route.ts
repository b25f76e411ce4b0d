import { accountsOfVaultContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { viewTradingAccount } from '../accounts/trading-account.view.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Lists your trading accounts. */
export const listTradingAccountsRoute = defineRoute(accountsOfVaultContract.listTradingAccounts, {
  access: 'signed-in',
  limit: 'default',
  async handle(call, { tradingAccounts }: VaultServices) {
    const { items, ...page } = await tradingAccounts.list(actingIn(call).userId, call.query)
    return { items: items.map(viewTradingAccount), ...page }
  },
})
