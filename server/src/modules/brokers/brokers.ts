import type { BrokerAdapter, CredentialProvider } from './adapters/adapter.ts'
import { alpacaAdapter } from './adapters/alpaca/alpaca-adapter.ts'
import { alpacaProvider } from './adapters/alpaca/alpaca-provider.ts'

/** Where the brokers are. The settings allow nothing but the brokers' own hosts and, for trials, this machine. */
export interface BrokerOrigins {
  readonly alpacaPaperUrl: URL
  readonly alpacaLiveUrl: URL
}

/** Every type of credential there is; plain values, the same in the server and in the vault process. */
export function createProviders({ alpacaPaperUrl, alpacaLiveUrl }: BrokerOrigins): CredentialProvider[] {
  return [alpacaProvider('paper', alpacaPaperUrl.origin), alpacaProvider('live', alpacaLiveUrl.origin)]
}

/** What reads from the broker of each type of credential. */
export const adapters: ReadonlyMap<string, BrokerAdapter> = new Map([
  ['alpaca_paper', alpacaAdapter],
  ['alpaca_live', alpacaAdapter],
])
