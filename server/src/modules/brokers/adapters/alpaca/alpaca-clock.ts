import { Type } from 'typebox'
import type { BrokerRead, MarketClock } from '../adapter.ts'
import { bodyReader, instantIn, moment } from '../fields.ts'

/** What is used of `GET /v2/clock`; moments have New York's offset. */
const Clock = Type.Object({
  timestamp: moment,
  is_open: Type.Boolean(),
  next_open: moment,
  next_close: moment,
})

const parse = bodyReader(Clock, (clock): MarketClock | undefined => {
  const [at, opensAt, closesAt] = [clock.timestamp, clock.next_open, clock.next_close].map(instantIn)
  return at && opensAt && closesAt ? { at, opensAt, closesAt, isOpen: clock.is_open } : undefined
})

/** Whether the stock market is open. */
export const alpacaClock: BrokerRead<MarketClock> = { purpose: 'clock', path: '/v2/clock', query: '', parse }
