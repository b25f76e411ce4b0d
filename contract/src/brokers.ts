import { type TProperties, Type } from 'typebox'
import { instant, nullable, oneOf, uuid } from './conventions.ts'
import { defineContract } from './endpoint.ts'
import { environments } from './vault.ts'

/** A figure exactly as the broker sent it, such as `-1024.50`; never a floating-point number. */
export const decimalText = Type.String({ description: 'A decimal number as text, exact.' })

/** A broker account's figures. */
export const accountData = Type.Object(
  {
    account_type: oneOf(environments),
    balance: decimalText,
    equity: decimalText,
    buying_power: decimalText,
    currency: Type.String(),
    trading_blocked: Type.Boolean(),
    account_blocked: Type.Boolean(),
    pattern_day_trader: Type.Boolean(),
    daytrade_count: Type.Integer(),
    last_updated: instant,
    credential_id: uuid,
  },
  { title: 'AccountData' },
)

const figure = nullable(decimalText)

/** What somebody holds. */
export const position = Type.Object(
  {
    asset_id: Type.String(),
    symbol: Type.String(),
    exchange: Type.String(),
    asset_class: Type.String(),
    side: oneOf(['long', 'short']),
    qty: decimalText,
    qty_available: figure,
    avg_entry_price: figure,
    current_price: figure,
    lastday_price: figure,
    change_today: figure,
    market_value: figure,
    cost_basis: figure,
    unrealized_pl: figure,
    unrealized_plpc: figure,
    unrealized_intraday_pl: figure,
    unrealized_intraday_plpc: figure,
  },
  { title: 'Position' },
)

const orderFields = {
  id: Type.String(),
  client_order_id: nullable(Type.String()),
  created_at: nullable(instant),
  updated_at: nullable(instant),
  submitted_at: nullable(instant),
  filled_at: nullable(instant),
  expired_at: nullable(instant),
  canceled_at: nullable(instant),
  failed_at: nullable(instant),
  asset_id: nullable(Type.String()),
  symbol: nullable(Type.String()),
  asset_class: nullable(Type.String()),
  order_class: nullable(Type.String()),
  type: nullable(Type.String()),
  side: nullable(Type.String()),
  time_in_force: nullable(Type.String()),
  status: Type.String(),
  extended_hours: Type.Boolean(),
  qty: figure,
  notional: figure,
  filled_qty: figure,
  filled_avg_price: figure,
  limit_price: figure,
  stop_price: figure,
  trail_price: figure,
  trail_percent: figure,
} satisfies TProperties

/** An order, with the legs of a compound one. */
export const order = Type.Object(
  { ...orderFields, legs: nullable(Type.Array(Type.Object(orderFields, { title: 'OrderLeg' }))) },
  { title: 'Order' },
)

/** A curve of what an account was worth: parallel arrays, one entry for each moment. */
export const equityCurve = Type.Object(
  {
    timestamps: Type.Array(instant),
    equity: Type.Array(figure),
    profit_loss: Type.Array(figure),
    profit_loss_pct: Type.Array(figure),
    base_value: figure,
    timeframe: Type.String(),
    credential_id: uuid,
    as_of: instant,
  },
  { title: 'EquityCurve' },
)

/** How far back a curve goes: so many days, weeks, months or years (`A`), such as `2W`. */
const historyPeriod = Type.String({
  pattern: '^[1-9][0-9]{0,2}[DWMA]$',
  description: 'A number from 1 to 999 and D, W, M or A for days, weeks, months or years.',
})
/** The steps of a curve. */
export const historyTimeframes = ['1Min', '5Min', '15Min', '1H', '1D'] as const

const credentialQuery = {
  credential_id: Type.String({ description: 'The id of a credential; anything else is not found.' }),
} as const
const byId = Type.Object({ id: uuid })
const asOf = { credential_id: uuid, as_of: instant } as const

const brokerErrors = [
  'vault.credential_not_found',
  'vault.credential_inactive',
  'vault.credential_unreadable',
  'vault.too_many_uses',
  'vault.unavailable',
  'brokers.broker_rejected',
  'brokers.broker_rate_limited',
  'brokers.broker_unreachable',
] as const

/** Figures read from a broker, always for one credential that the caller names. */
export const brokersContract = defineContract({
  readAccountData: {
    method: 'GET',
    path: '/credentials/{id}/account-data',
    summary: 'Read the figures of the broker account behind a key',
    params: byId,
    responses: { 200: accountData },
    errors: brokerErrors,
  },
  readPositions: {
    method: 'GET',
    path: '/positions',
    summary: 'Read what is held in the broker account behind a key',
    query: Type.Object(credentialQuery),
    responses: {
      200: Type.Object({ positions: Type.Array(position), total_count: Type.Integer(), ...asOf }),
    },
    errors: brokerErrors,
  },
  readOrders: {
    method: 'GET',
    path: '/orders',
    summary: 'Read the orders of the broker account behind a key, the latest first',
    query: Type.Object({
      ...credentialQuery,
      status: Type.Optional(oneOf(['open', 'closed', 'all'])),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
    }),
    responses: { 200: Type.Object({ orders: Type.Array(order), total_count: Type.Integer(), ...asOf }) },
    errors: brokerErrors,
  },
  readHistory: {
    method: 'GET',
    path: '/credentials/{id}/history',
    summary: 'Read the equity curve of the broker account behind a key',
    params: byId,
    query: Type.Object({
      period: Type.Optional(historyPeriod),
      timeframe: Type.Optional(oneOf(historyTimeframes)),
    }),
    responses: { 200: equityCurve },
    errors: [...brokerErrors, 'brokers.history_refused'],
  },
})
