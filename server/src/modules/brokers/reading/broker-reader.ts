import { MINUTE, SECOND } from '../../../platform/durations.ts'
import type { VaultClient } from '../../vault/index.ts'
import type { BrokerAdapter, BrokerRead } from '../adapters/adapter.ts'
import { brokersErrors } from '../brokers.errors.ts'
import { type Asked, askOnce, type UseFor } from './ask-once.ts'
import { Breakers, type Ending } from './breakers.ts'
import { Quotas } from './quotas.ts'
import { rateLimited, unreachable } from './refusals.ts'
import type { Timing } from './timing.ts'

const RETRIES = 2
const FIRST_WAIT_MS = 200
const READS_AT_ONCE = 16

/** One read: what, with which key, and for whom. */
export interface ReadOrder<T> {
  readonly read: BrokerRead<T>
  readonly adapter: Pick<BrokerAdapter, 'quota'>
  /** Tells this pair of this credential from every other one. */
  readonly key: string
  /** The broker's origin. */
  readonly host: string
  readonly by: UseFor
}

export interface BrokerReaderOptions {
  readonly vault: Pick<VaultClient, 'use'>
  /** Milliseconds; may jump. */
  readonly now: () => number
  readonly timing: Timing
}

/** What a read came to: its value, or that the broker refused what was asked, with its status. */
export type ReadResult<T> = Extract<Asked<T>, { kind: 'read' | 'refused' }>

/**
 * Reads from brokers (R20): within a budget of time, at most twice again when there was no good answer, never before a key's
 * limit is reset, and not at all while a key or a host keeps failing. Keys share nothing but their host's breaker.
 * Throws `brokers.*`, and what the vault refuses.
 */
export class BrokerReader {
  readonly #options: BrokerReaderOptions
  readonly #breakers: Breakers
  readonly #quotas: Quotas
  readonly #running = new Map<string, Promise<ReadResult<unknown>>>()
  readonly #atOnce = new Map<string, number>()

  constructor(options: BrokerReaderOptions) {
    this.#options = options
    this.#breakers = new Breakers(options.now)
    this.#quotas = new Quotas(options.now)
  }

  /** Reads; the same read for the same caller that is under way is shared, and nothing is kept when it has ended. */
  read<T>(order: ReadOrder<T>): Promise<ReadResult<T>> {
    const { read, by, key } = order
    // Note: the address belongs to it, because each one that a live key is used from is looked at.
    const { sessionId, tokenId, address } = by.actor
    const name = JSON.stringify([by.owner, key, sessionId, tokenId, address, read.path, read.query])
    const running = this.#running.get(name)
    // Note: path and query of one adapter always come with the same parser, so what is shared is a T.
    if (running !== undefined) return running as Promise<ReadResult<T>>
    const started = this.#guarded(order).finally(() => this.#running.delete(name))
    this.#running.set(name, started)
    return started
  }

  async #guarded<T>(order: ReadOrder<T>): Promise<ReadResult<T>> {
    const { key, host, by } = order
    this.#assertQuota(key)
    const count = this.#atOnce.get(key) ?? 0
    if (count >= READS_AT_ONCE) throw rateLimited(SECOND)
    const leave = this.#breakers.admit({ key, host, owner: by.owner })
    if ('waitMs' in leave) throw unreachable(leave.waitMs)
    this.#atOnce.set(key, count + 1)
    let ending: Ending = 'unknown'
    try {
      const asked = await this.#ask(order)
      ending = endingOf(asked)
      return this.#resultOf(asked, key)
    } finally {
      leave.end(ending)
      this.#leaveOne(key)
    }
  }

  #leaveOne(key: string): void {
    const left = (this.#atOnce.get(key) ?? 1) - 1
    if (left > 0) this.#atOnce.set(key, left)
    else this.#atOnce.delete(key)
  }

  /** Waits between tries are jittered, so that those who failed together do not come back together. */
  async #ask<T>(order: ReadOrder<T>): Promise<Asked<T>> {
    const { vault, timing } = this.#options
    const signal = timing.deadline(timing.budgetMs)
    for (let retry = 0; ; retry++) {
      const asked = await askOnce(vault, order, signal)
      this.#note(order, asked)
      if (asked.kind !== 'failed' || retry === RETRIES || signal.aborted) return asked
      const longest = FIRST_WAIT_MS * 2 ** retry
      const waited = await timing.wait(longest * (0.5 + timing.random() / 2), signal).then(
        () => true,
        () => false,
      )
      if (!waited) return asked
    }
  }

  #note<T>({ adapter, key }: ReadOrder<T>, asked: Asked<T>): void {
    if (asked.kind !== 'read' && asked.kind !== 'rate_limited') return
    const quota = adapter.quota(asked.headers, new Date(this.#options.now()))
    this.#quotas.note(key, quota, asked.kind === 'rate_limited')
  }

  #assertQuota(key: string): void {
    const waitMs = this.#quotas.waitMs(key)
    if (waitMs > 0) throw rateLimited(waitMs)
  }

  #resultOf<T>(asked: Asked<T>, key: string): ReadResult<T> {
    switch (asked.kind) {
      case 'read':
      case 'refused':
        return asked
      case 'rejected':
        throw brokersErrors.brokerRejected()
      case 'rate_limited':
        throw rateLimited(this.#quotas.waitMs(key))
      case 'failed':
        throw unreachable(MINUTE, asked.cause)
    }
  }
}

function endingOf(asked: Asked<unknown>): Ending {
  if (asked.kind !== 'failed') return 'answered'
  return asked.isHost ? 'host_failed' : 'key_failed'
}
