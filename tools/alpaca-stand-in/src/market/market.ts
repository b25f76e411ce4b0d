import type { Clock } from './clock.ts'
import type { Prices } from './prices.ts'

/** What can be switched while the stand-in runs. */
export type Settings = {
  /** `auto` fills an order as soon as its price is reached; `manual` fills nothing unless told to. */
  fills: 'auto' | 'manual'
  /** Adds fields to every JSON object that nobody documented. */
  areUnknownFieldsAdded: boolean
  /** Calls that one key may make in a minute, in one burst at most. */
  requestsPerMinute: number
}

/** What both environments share: one seed, one clock, one list of prices. */
export type Market = { seed: string; clock: Clock; prices: Prices; settings: Settings }

/** 200 a minute is the vendor's standard plan. */
export const DEFAULT_SETTINGS: Settings = {
  fills: 'auto',
  areUnknownFieldsAdded: false,
  requestsPerMinute: 200,
}
