import type { Clock } from '../../platform/clock.ts'
import type { Vault } from '../vault/index.ts'
import type { CredentialProvider } from './adapters/adapter.ts'
import { createBrokerData } from './broker-data.ts'
import { adapters } from './brokers.ts'
import { createGateway } from './gateway/gateway.ts'
import { BrokerReader } from './reading/broker-reader.ts'
import { systemTiming, type Timing } from './reading/timing.ts'
import { brokersRoutes } from './routes/brokers.routes.ts'
import { gatewayRoute } from './routes/gateway.route.ts'

export { brokersErrors } from './brokers.errors.ts'
export { type BrokerOrigins, createProviders } from './brokers.ts'

/** What this module is built from. */
export interface BrokersDependencies {
  readonly clock: Clock
  readonly vault: Pick<Vault, 'findCredentialOf' | 'client'>
  /** Every type of credential there is. */
  readonly providers: readonly CredentialProvider[]
  /** The machine's own, unless a test decides. */
  readonly timing?: Partial<Timing> | undefined
}

/** Figures read from members' brokers, with a credential they name; every use of a key is the vault's. */
export function createBrokers({ clock, vault, providers, timing }: BrokersDependencies) {
  const times = { ...systemTiming, ...timing }
  const reader = new BrokerReader({ vault: vault.client, now: () => clock.now().getTime(), timing: times })
  const data = createBrokerData({ vault, providers, adapters, reader, clock })
  const gateway = createGateway({ vault: vault.client, data, wait: times.wait })
  return {
    routes: brokersRoutes({ data }),
    streamRoutes: [gatewayRoute({ gateway, providers })],
  }
}
