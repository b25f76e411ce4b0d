import type { Outcome } from '@outcry/contract/vault'
import { type Acting, grantActorOf } from '../acting.ts'
import { type CredentialProvider, isRejected, type KeyPair } from '../provider.ts'
import { vaultErrors, vaultUnavailable } from '../vault.errors.ts'
import type { SealedPair, VaultClient } from '../vault-client.ts'
import type { ProviderRegistry } from './providers.ts'

/** A pair for one version of one credential. */
interface PairToSeal {
  readonly credentialId: string
  readonly provider: CredentialProvider
  readonly keyVersion: number
  readonly pair: KeyPair
  /** Whether it is tried at the broker first. */
  readonly validate: boolean
}

/** A sealed pair, with what the broker made of it if it was asked. */
export interface ProvenPair {
  readonly sealed: SealedPair
  readonly outcome: Outcome | undefined
}

export type ProvePair = (by: Acting, wish: PairToSeal) => Promise<ProvenPair>

const PAIR = 'body.api_key'

/** Has new pairs tried and sealed by the vault process; nothing here looks at them. */
export function createProvePair(client: Pick<VaultClient, 'seal'>, providers: ProviderRegistry): ProvePair {
  const refusal = (outcome: Outcome, { counterpart, environment }: CredentialProvider) => {
    const other = counterpart === undefined ? undefined : providers.find(counterpart)
    const isOther = outcome === 'wrong_environment'
    const reason = isOther
      ? `It is not a ${environment} key${other ? `; store it as ${other.type}` : ''}.`
      : 'Check the key and its secret, and copy them again from your broker.'
    const message = isOther ? 'belongs to the other environment' : 'is not accepted by the broker'
    return vaultErrors.keyRefused({ reason }, { errors: [{ path: PAIR, message, code: outcome }] })
  }

  /** Throws `vault.key_refused` and `vault.unavailable`. */
  return async (by, { credentialId, provider, keyVersion, pair, validate }) => {
    const { outcome, sealed } = await client.seal(
      {
        owner: by.userId,
        credential: credentialId,
        type: provider.type,
        keyVersion,
        validate,
        actor: grantActorOf(by),
      },
      pair,
    )
    if (isRejected(outcome)) throw refusal(outcome, provider)
    if (sealed?.environment !== provider.environment) throw vaultUnavailable()
    return { sealed, outcome }
  }
}
