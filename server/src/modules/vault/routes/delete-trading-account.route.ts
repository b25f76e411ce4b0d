import { succeeded } from '@outcry/contract/conventions'
import { accountsOfVaultContract } from '@outcry/contract/vault'
import { defineRoute } from '../../../platform/http/route.ts'
import { vaultErrors } from '../vault.errors.ts'
import type { VaultServices } from '../vault.services.ts'
import { actingIn } from './acting-in.ts'

/** Deletes one of your trading accounts with every credential in it. */
export const deleteTradingAccountRoute = defineRoute(accountsOfVaultContract.deleteTradingAccount, {
  access: 'fresh-where-due',
  limit: 'default',
  notFound: vaultErrors.accountNotFound,
  async handle(call, { deleteAccount }: VaultServices) {
    await deleteAccount(actingIn(call), call.params.id)
    return succeeded('The account and its credentials are deleted.')
  },
})
