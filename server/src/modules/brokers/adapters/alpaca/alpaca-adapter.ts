import type { BrokerAdapter } from '../adapter.ts'
import { alpacaAccount } from './alpaca-account.ts'
import { alpacaClock } from './alpaca-clock.ts'
import { alpacaHistory } from './alpaca-history.ts'
import { alpacaOrders, alpacaPlacedOrder } from './alpaca-orders.ts'
import { alpacaPositions } from './alpaca-positions.ts'
import { alpacaQuota } from './alpaca-quota.ts'

/** Reads from Alpaca's trading API, version 2; the same on paper and live. */
export const alpacaAdapter: BrokerAdapter = {
  account: () => alpacaAccount,
  positions: () => alpacaPositions,
  orders: alpacaOrders,
  history: alpacaHistory,
  clock: () => alpacaClock,
  placedOrder: alpacaPlacedOrder,
  quota: alpacaQuota,
}
