import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { type CredentialGroup, groupByAccount } from '../credential-groups.ts'
import { accountsQuery, type TradingAccount } from './accounts.ts'
import { type Credential, credentialsQuery } from './credentials.ts'

/** An account of the member and the credentials in it. */
export type VaultGroup = CredentialGroup<TradingAccount, Credential>

/** What is in the vault, with what reading it failed of. */
export interface Vault {
  readonly groups: readonly VaultGroup[] | undefined
  readonly error: Error | null
  retry(): void
}

/** Everything that the member keeps in the vault. */
export function useVault(): Vault {
  const accounts = useQuery(accountsQuery)
  const credentials = useQuery(credentialsQuery)
  return {
    groups: accounts.data && credentials.data && groupByAccount(accounts.data, credentials.data),
    error: accounts.error ?? credentials.error,
    retry() {
      void accounts.refetch()
      void credentials.refetch()
    },
  }
}

/** Does a write to the vault; whatever comes of it, what is shown of the vault is read anew. */
export type WriteToVault = <T>(write: () => Promise<T>) => Promise<T>

export function useWriteToVault(): WriteToVault {
  const queries = useQueryClient()
  return useCallback(
    async (write) => {
      try {
        return await write()
      } finally {
        void queries.invalidateQueries({ queryKey: ['vault'] })
      }
    },
    [queries],
  )
}

/** Shows a credential as a write left it, before the list is read anew. */
export function showCredential(queries: QueryClient, changed: Credential): void {
  queries.setQueryData(credentialsQuery.queryKey, (known) =>
    known?.map((credential) => (credential.id === changed.id ? changed : credential)),
  )
}

/** Takes away an account that a write has deleted. */
export function hideAccount(queries: QueryClient, id: string): void {
  queries.setQueryData(accountsQuery.queryKey, (known) => known?.filter((account) => account.id !== id))
}

/** Takes away a credential that a write has deleted. */
export function hideCredential(queries: QueryClient, id: string): void {
  queries.setQueryData(credentialsQuery.queryKey, (known) =>
    known?.filter((credential) => credential.id !== id),
  )
}
