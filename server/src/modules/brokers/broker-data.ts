import type { Clock } from '../../platform/clock.ts'
import { type CredentialFacts, type Vault, type VaultClient, vaultErrors } from '../vault/index.ts'
import type {
  AccountFigures,
  BrokerAdapter,
  BrokerRead,
  CredentialProvider,
  EquityCurve,
  HistoryWanted,
  Order,
  OrdersWanted,
  Position,
  SentChange,
} from './adapters/adapter.ts'
import { brokersErrors } from './brokers.errors.ts'
import type { UseFor } from './reading/ask-once.ts'
import type { BrokerReader } from './reading/broker-reader.ts'
import { unreachable } from './reading/refusals.ts'

/** Who asks, and with which of their credentials. */
export interface Asker {
  readonly userId: string
  readonly credentialId: string
  /** For the audit log. */
  readonly actor: UseFor['actor']
}

/** What was read, with when the broker said so. */
export interface Read<T> {
  readonly value: T
  readonly at: Date
  readonly environment: CredentialFacts['environment']
}

export interface BrokerDataOptions {
  readonly vault: Pick<Vault, 'findCredentialOf'> & { readonly client: Pick<VaultClient, 'use'> }
  readonly providers: readonly CredentialProvider[]
  readonly adapters: ReadonlyMap<string, BrokerAdapter>
  readonly reader: BrokerReader
  readonly clock: Clock
}

export type BrokerData = ReturnType<typeof createBrokerData>

const OF_NOBODY = { purpose: 'read', method: 'GET', path: '/', query: '' } as const

/**
 * Reads figures from the broker of one credential that the caller names. Throws `vault.credential_not_found` and
 * `vault.credential_inactive`, and what reading throws.
 */
export function createBrokerData(options: BrokerDataOptions) {
  const { vault, providers, adapters, reader, clock } = options

  /** Note: refusing is the vault's, so that every use that was tried stands in the audit log. */
  const refused = async (by: UseFor): Promise<never> => {
    const { body } = await vault.client.use({ ...by, ...OF_NOBODY }, { headers: {} })
    body.destroy()
    throw vaultErrors.credentialNotFound()
  }
  const read = async <T>(
    { userId, credentialId, actor }: Asker,
    choose: (adapter: BrokerAdapter) => BrokerRead<T>,
  ): Promise<Read<T> | { readonly refused: number }> => {
    const by = { owner: userId, credential: credentialId, actor }
    const credential = await vault.findCredentialOf(userId, credentialId)
    if (!credential?.isUsable) return refused(by)
    const provider = providers.find(({ type }) => type === credential.type)
    const adapter = adapters.get(credential.type)
    if (!provider || !adapter) throw vaultErrors.credentialUnreadable()
    const key = `${credential.id} ${credential.keyVersion}`
    const order = { adapter, by, key, host: provider.origin, read: choose(adapter) }
    const result = await reader.read(order)
    if (result.kind === 'refused') return { refused: result.status }
    return { value: result.value, at: clock.now(), environment: credential.environment }
  }
  /** There is nothing in such a request that could be wrong. */
  const demand = async <T>(asker: Asker, choose: (adapter: BrokerAdapter) => BrokerRead<T>) => {
    const result = await read(asker, choose)
    if ('refused' in result) throw unreachable()
    return result
  }
  return {
    account: (asker: Asker): Promise<Read<AccountFigures>> => demand(asker, (adapter) => adapter.account()),
    positions: (asker: Asker): Promise<Read<readonly Position[]>> =>
      demand(asker, (adapter) => adapter.positions()),
    orders: (asker: Asker, wanted: OrdersWanted): Promise<Read<readonly Order[]>> =>
      demand(asker, (adapter) => adapter.orders(wanted)),
    /** Throws `brokers.history_refused` for a period and timeframe that the broker has no curve for. */
    async history(asker: Asker, wanted: HistoryWanted): Promise<Read<EquityCurve>> {
      const result = await read(asker, (adapter) => adapter.history(wanted))
      if (!('refused' in result)) return result
      if (result.refused === 422 || result.refused === 400) throw historyRefused(wanted)
      throw unreachable()
    },
    /**
     * The order that a change placed whose answer was lost, as the broker shows it, in its own text. Throws
     * `brokers.order_absent` when the broker has none, `brokers.outcome_unknown` when the change gave it no id.
     */
    async placedOrder(asker: Asker, change: SentChange): Promise<string> {
      const result = await read(asker, (adapter) => {
        const lookup = adapter.placedOrder(change)
        if (lookup === undefined) throw brokersErrors.outcomeUnknown()
        return lookup
      })
      if (!('refused' in result)) return result.value
      throw result.refused === 404 ? brokersErrors.orderAbsent() : brokersErrors.outcomeUnknown()
    },
  }
}

function historyRefused({ period, timeframe }: HistoryWanted) {
  const errors = [
    ...(period === undefined && timeframe !== undefined ? [] : ['query.period']),
    ...(timeframe === undefined ? [] : ['query.timeframe']),
  ].map((path) => ({
    path,
    message: 'fits no curve that the broker has; leave it out to let the broker choose',
  }))
  return brokersErrors.historyRefused({}, { errors })
}
