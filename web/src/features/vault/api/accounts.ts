import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../lib/api.ts'
import { answerOf } from '../../../lib/problem.ts'

/** More accounts than the server lets anyone have. */
const ALL = { limit: 100 } as const

async function readAccounts(signal: AbortSignal) {
  const { items } = await answerOf(api.GET('/api/v1/accounts', { params: { query: ALL }, signal }))
  return items
}

/** A group of credentials that a member has named. */
export type TradingAccount = Awaited<ReturnType<typeof readAccounts>>[number]

/** All trading accounts of the member. */
export const accountsQuery = queryOptions({
  queryKey: ['vault', 'accounts'],
  queryFn: ({ signal }) => readAccounts(signal),
})

export function createAccount(account_name: string): Promise<TradingAccount> {
  return answerOf(api.POST('/api/v1/accounts', { body: { account_name } }))
}

export function changeAccount(
  id: string,
  change: { readonly account_name: string } | { readonly is_active: boolean },
): Promise<TradingAccount> {
  return answerOf(api.PATCH('/api/v1/accounts/{id}', { params: { path: { id } }, body: change }))
}

/** Deletes an account with every credential in it. */
export async function deleteAccount(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/v1/accounts/{id}', { params: { path: { id } } }))
}
