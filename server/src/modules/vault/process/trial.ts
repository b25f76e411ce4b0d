import type { Outcome } from '@outcry/contract/vault'
import { type CredentialProvider, isAccepted, type KeyPair } from '../provider.ts'
import { readAnswer } from './broker-answer.ts'
import type { BrokerHosts } from './broker-hosts.ts'

interface TrialParts {
  readonly providers: readonly CredentialProvider[]
  readonly hosts: Pick<BrokerHosts, 'send'>
  /** How long one trial may take, in milliseconds. */
  readonly probeMs: number
}

/** Finds out what brokers say of a pair. */
export interface Trial {
  /** What the broker makes of a new pair, with the broker's other environment if need be, all within one trial's time. */
  judge(provider: CredentialProvider, pair: KeyPair): Promise<Outcome>
  /** Asks one host, once, until its time is over or the signal cuts it. */
  probe(provider: CredentialProvider, pair: KeyPair, signal: AbortSignal): Promise<Outcome>
  /**
   * What a broker's no means: `wrong_environment` for a pair that the same broker's other environment accepts when that is
   * asked, before anybody calls it revoked. Every other outcome is handed back, and nobody asked.
   */
  explain(
    provider: CredentialProvider,
    outcome: Outcome,
    ask: (other: CredentialProvider) => Promise<Outcome>,
  ): Promise<Outcome>
}

/** Asks the providers' own hosts, and no other. */
export function createTrial({ providers, hosts, probeMs }: TrialParts): Trial {
  const send = async (provider: CredentialProvider, pair: KeyPair, signal: AbortSignal): Promise<Outcome> => {
    if (signal.aborted) return 'unreachable'
    const { path } = provider.probe
    const headers = { accept: 'application/json', ...provider.authHeaders(pair) }
    try {
      const answer = await hosts.send(provider, { method: 'GET', path, query: '', headers, signal })
      const { outcome, body } = await readAnswer(provider, path, answer)
      body?.destroy()
      return outcome
    } catch {
      return 'unreachable'
    }
  }
  const explain: Trial['explain'] = async (provider, outcome, ask) => {
    const other = providers.find(({ type }) => type === provider.counterpart)
    if (outcome !== 'rejected' || other === undefined) return outcome
    return isAccepted(await ask(other)) ? 'wrong_environment' : outcome
  }
  return {
    async judge(provider, pair) {
      const signal = AbortSignal.timeout(probeMs)
      const outcome = await send(provider, pair, signal)
      return explain(provider, outcome, (other) => send(other, pair, signal))
    },
    probe: (provider, pair, signal) =>
      send(provider, pair, AbortSignal.any([signal, AbortSignal.timeout(probeMs)])),
    explain,
  }
}
