import type { CredentialProvider, KeyPair, ProviderAnswer } from '../../vault/index.ts'

export type { CredentialProvider, KeyPair, ProviderAnswer }

/** What an answer or a probe says of a key; see `CredentialProvider.classify`. */
export type Outcome = ReturnType<CredentialProvider['classify']>
