import type { Outcome } from '@outcry/contract/vault'
import { type CredentialProvider, isAccepted, type KeyPair } from '../provider.ts'
import { readAnswer } from './broker-answer.ts'
import type { BrokerHosts } from './broker-hosts.ts'

interface TrialParts {
  readonly providers: readonly CredentialProvider[]
  readonly hosts: BrokerHosts
  /** How long one trial may take, in milliseconds. */
  readonly probeMs: number
}

/** Finds out what brokers say of a pair. */
export interface Trial {
  /** Asks the broker. */
  probe(provider: CredentialProvider, pair: KeyPair): Promise<Outcome>
  /**
   * What a broker's no means: `wrong_environment` for a pair that the same broker's other environment accepts, before
   * anybody calls it revoked. Every other outcome is handed back.
   */
  explain(provider: CredentialProvider, pair: KeyPair, outcome: Outcome): Promise<Outcome>
}

/** Asks the providers' own hosts, and no other. */
export function createTrial({ providers, hosts, probeMs }: TrialParts): Trial {
  const probe = async (provider: CredentialProvider, pair: KeyPair): Promise<Outcome> => {
    const { path } = provider.probe
    const headers = { accept: 'application/json', ...provider.authHeaders(pair) }
    const signal = AbortSignal.timeout(probeMs)
    try {
      const answer = await hosts.send(provider, { method: 'GET', path, query: '', headers, signal })
      const { outcome, body } = await readAnswer(provider, path, answer)
      body?.destroy()
      return outcome
    } catch {
      return 'unreachable'
    }
  }
  return {
    probe,
    async explain(provider, pair, outcome) {
      const other = providers.find(({ type }) => type === provider.counterpart)
      if (outcome !== 'rejected' || other === undefined) return outcome
      return isAccepted(await probe(other, pair)) ? 'wrong_environment' : outcome
    },
  }
}
