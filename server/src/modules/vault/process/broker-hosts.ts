import type { Readable } from 'node:stream'
import type { HttpAnswer } from '../../../platform/http-exchange.ts'
import { loadHttpClient, openRefusingPool, type RefusingPool } from '../../../platform/refusing-pool.ts'
import { type BrokerTarget, staysAt } from '../protocol/broker-target.ts'
import { USE_MAX_MS } from '../protocol/protocol.ts'
import type { CredentialProvider } from '../provider.ts'
import { VaultRefusal } from './vault-refusal.ts'

/** How long a broker may take, in milliseconds. */
export interface BrokerTimes {
  /** Until the connection stands. */
  readonly connectMs: number
  /** From the first step to the last byte of the answer. */
  readonly totalMs: number
  /** The same for trying a key. */
  readonly probeMs: number
}

/** What the product promises: connect within 2 s, everything within 10 s, a trial within 5 s. */
export const BROKER_TIMES: BrokerTimes = { connectMs: 1_500, totalMs: USE_MAX_MS, probeMs: 5_000 }

const ANSWER_MAX_BYTES = 32 * 1024 * 1024
const CONNECTIONS = 128

/** One request as it goes out, keys included. */
export interface OutgoingRequest extends BrokerTarget {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Readable
  readonly signal: AbortSignal
}

/** The connections to the hosts that providers are pinned to (C64), and to no other. */
export interface BrokerHosts {
  /** To be awaited before a key is opened: the first time it takes a moment. */
  prepare(): Promise<void>
  /** Sends a request once, or refuses when all connections are taken. Follows no redirect, repeats nothing; the signal ends request and answer. */
  send(provider: CredentialProvider, request: OutgoingRequest): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Opens connections as they are needed. */
export function createBrokerHosts({ connectMs }: Pick<BrokerTimes, 'connectMs'>): BrokerHosts {
  const hosts = new Map<string, RefusingPool>()
  let isClosed = false
  const hostOf = async (origin: string): Promise<RefusingPool> => {
    const client = await loadHttpClient()
    if (isClosed) throw new Error('The vault is about to end.')
    const known = hosts.get(origin)
    if (known) return known
    const pool = openRefusingPool(client, origin, {
      connections: CONNECTIONS,
      connect: { timeout: connectMs },
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: ANSWER_MAX_BYTES,
    })
    hosts.set(origin, pool)
    return pool
  }
  return {
    async prepare() {
      await loadHttpClient()
    },
    async send({ origin }, { method, path, query, headers, body, signal }) {
      if (!staysAt(origin, { method, path, query })) throw new Error('A request would leave its broker.')
      const options = { method, path: path + query, headers, signal, body: body ?? null }
      const pool = await hostOf(origin)
      const answer = await pool.request(options)
      // Note: waiting for a connection of ours would look as if the host took its time.
      if (answer === undefined) throw new VaultRefusal('too_many')
      return answer
    },
    async close() {
      isClosed = true
      await Promise.all([...hosts.values()].map((pool) => pool.destroy()))
    },
  }
}
