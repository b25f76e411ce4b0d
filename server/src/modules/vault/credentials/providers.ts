import type { CredentialProvider } from '../provider.ts'
import { vaultErrors } from '../vault.errors.ts'

/** The types of credentials that there are. */
export interface ProviderRegistry {
  find(type: string): CredentialProvider | undefined
  /** Throws `vault.type_unknown`, which names those that are known. */
  get(type: string): CredentialProvider
}

/** Throws when two providers have one type. */
export function createProviderRegistry(providers: readonly CredentialProvider[]): ProviderRegistry {
  const byType = new Map(providers.map((provider) => [provider.type, provider]))
  if (byType.size !== providers.length) throw new Error('Two providers have one type.')
  const types = [...byType.keys()].join(', ')
  return {
    find: (type) => byType.get(type),
    get(type) {
      const found = byType.get(type)
      if (found) return found
      const errors = [{ path: 'body.credential_type', message: `must be one of ${types}` }]
      throw vaultErrors.typeUnknown({ types }, { errors })
    },
  }
}
