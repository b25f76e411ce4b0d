import type { accountData, equityCurve, historyTimeframes, order, position } from '@outcry/contract/brokers'
import type { Instant } from '@outcry/contract/conventions'
import type { Outcome } from '@outcry/contract/vault'
import type { Static } from 'typebox'
import type { CredentialProvider, KeyPair, ProviderAnswer } from '../../vault/index.ts'

export type { CredentialProvider, Instant, KeyPair, Outcome, ProviderAnswer }

/** The figures of an account. Amounts are decimal texts, exactly as the broker sent them; so are all below. */
export type AccountFigures = Omit<
  Static<typeof accountData>,
  'account_type' | 'last_updated' | 'credential_id'
>

/** What somebody holds. */
export type Position = Static<typeof position>

/** An order; what the broker left out is null. */
export type Order = Static<typeof order>

/** Parallel arrays, one entry for each moment. */
export type EquityCurve = Omit<Static<typeof equityCurve>, 'credential_id' | 'as_of'>

/** Whether the market is open, and when that changes. */
export interface MarketClock {
  readonly at: Instant
  readonly isOpen: boolean
  readonly opensAt: Instant
  readonly closesAt: Instant
}

/** Which orders: the latest first, `before` an order when older ones are wanted. History is `closed`. */
export interface OrdersWanted {
  readonly status?: 'open' | 'closed' | 'all' | undefined
  /** 1 to 500. */
  readonly limit: number
  readonly before?: string | undefined
}

/** Which stretch of the curve, and in which steps; what is absent is the broker's to choose. */
export interface HistoryWanted {
  /** A number and D, W, M or A, such as `2W`. */
  readonly period?: string | undefined
  readonly timeframe?: (typeof historyTimeframes)[number] | undefined
}

/** One GET at a broker: what to ask, and how to read the answer. A plain value; asking is the reader's. */
export interface BrokerRead<T> {
  /** Why, in one word for the audit log. */
  readonly purpose: string
  /** Begins with a slash; without query. */
  readonly path: string
  /** With its question mark, or empty. */
  readonly query: string
  /** Reads the body of a success. `undefined` when it is not what this read is answered with; never throws. */
  parse(text: string): T | undefined
}

/** A change that was sent to a broker, with its whole body. */
export interface SentChange {
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly body: string
}

/** How often a key may still ask, as far as the headers of an answer say. */
export interface Quota {
  /** Requests that are left until `resetsAt`. */
  readonly remaining: number | undefined
  readonly resetsAt: Date | undefined
}

/** Headers of an answer, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The port that every broker's adapter implements; `conformance.ts` holds each to it. It can read and nothing else:
 * there is no method to choose. Fields that the broker added since are ignored, nulls stay nulls, and an answer that lacks
 * something needed is none at all.
 */
export interface BrokerAdapter {
  account(): BrokerRead<AccountFigures>
  positions(): BrokerRead<readonly Position[]>
  orders(wanted: OrdersWanted): BrokerRead<readonly Order[]>
  history(wanted: HistoryWanted): BrokerRead<EquityCurve>
  clock(): BrokerRead<MarketClock>
  /**
   * The read that finds the order which a change places, by the id that its sender gave it; it gives the broker's own text.
   * `undefined` when it places no single order, or one without such an id.
   */
  placedOrder(change: SentChange): BrokerRead<string> | undefined
  /** `now` is when the answer came, for limits that are told as a wait. */
  quota(headers: AnswerHeaders, now: Date): Quota
}
