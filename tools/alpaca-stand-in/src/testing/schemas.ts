import { Type } from 'typebox'
import { ACCOUNT_STATUSES } from '../accounts/standing.ts'
import { CLASSES, INTENTS, SIDES, STATUSES, TIMES_IN_FORCE, TYPES } from '../orders/order.ts'

// Note: the vendor's documented answers, closed on purpose: a field the stand-in makes up fails its tests.
const closed = { additionalProperties: false }

const Amount = Type.String({ pattern: '^-?\\d+(\\.\\d{1,9})?$' })
const Time = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$',
})
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
const Id = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
const orNull = <const T extends ReturnType<typeof Type.String>>(type: T) => Type.Union([type, Type.Null()])

export const Account = Type.Object(
  {
    id: Id,
    account_number: Type.String(),
    status: Type.Enum(ACCOUNT_STATUSES),
    crypto_status: Type.String(),
    currency: Type.Literal('USD'),
    created_at: Time,
    balance_asof: Day,
    cash: Amount,
    equity: Amount,
    last_equity: Amount,
    portfolio_value: Amount,
    long_market_value: Amount,
    short_market_value: Amount,
    position_market_value: Amount,
    accrued_fees: Amount,
    pending_transfer_in: orNull(Amount),
    pending_transfer_out: orNull(Amount),
    pending_reg_taf_fees: Amount,
    intraday_adjustments: Amount,
    buying_power: Amount,
    effective_buying_power: Amount,
    non_marginable_buying_power: Amount,
    daytrading_buying_power: Amount,
    regt_buying_power: Amount,
    options_buying_power: Amount,
    multiplier: Type.Enum(['1', '2', '4']),
    initial_margin: Amount,
    maintenance_margin: Amount,
    last_maintenance_margin: Amount,
    sma: Amount,
    pattern_day_trader: Type.Boolean(),
    trade_suspended_by_user: Type.Boolean(),
    trading_blocked: Type.Boolean(),
    transfers_blocked: Type.Boolean(),
    account_blocked: Type.Boolean(),
    shorting_enabled: Type.Boolean(),
    daytrade_count: Type.Integer(),
    options_approved_level: Type.Integer({ minimum: 0, maximum: 3 }),
    options_trading_level: Type.Integer({ minimum: 0, maximum: 3 }),
    crypto_tier: Type.Integer(),
  },
  closed,
)

export const Position = Type.Object(
  {
    asset_id: Id,
    symbol: Type.String(),
    // CRYPTO is not in the vendor's list, which has no word for such positions.
    exchange: Type.Enum(['AMEX', 'ARCA', 'BATS', 'NYSE', 'NASDAQ', 'NYSEARCA', 'OTC', 'CRYPTO', '']),
    asset_class: Type.Enum(['us_equity', 'us_option', 'crypto']),
    asset_marginable: Type.Boolean(),
    avg_entry_price: Amount,
    qty: Amount,
    qty_available: Amount,
    side: Type.Enum(['long', 'short']),
    market_value: Amount,
    cost_basis: Amount,
    unrealized_pl: Amount,
    unrealized_plpc: Amount,
    unrealized_intraday_pl: Amount,
    unrealized_intraday_plpc: Amount,
    current_price: Amount,
    lastday_price: Amount,
    change_today: Amount,
  },
  closed,
)
export const Positions = Type.Array(Position)

const orderFields = {
  id: Id,
  client_order_id: Type.String({ maxLength: 128 }),
  created_at: Time,
  updated_at: Time,
  submitted_at: Time,
  filled_at: orNull(Time),
  expired_at: orNull(Time),
  canceled_at: orNull(Time),
  failed_at: orNull(Time),
  replaced_at: orNull(Time),
  replaced_by: orNull(Id),
  replaces: orNull(Id),
  asset_id: Type.Union([Id, Type.Literal('')]),
  symbol: Type.String(),
  asset_class: Type.Enum(['us_equity', 'us_option', 'crypto', '']),
  notional: orNull(Amount),
  qty: orNull(Amount),
  filled_qty: Amount,
  filled_avg_price: orNull(Amount),
  order_class: Type.Enum([...CLASSES, '']),
  order_type: Type.Enum(TYPES),
  type: Type.Enum(TYPES),
  side: Type.Enum([...SIDES, '']),
  position_intent: Type.Union([Type.Enum(INTENTS), Type.Null()]),
  time_in_force: Type.Enum(TIMES_IN_FORCE),
  limit_price: orNull(Amount),
  stop_price: orNull(Amount),
  status: Type.Enum(STATUSES),
  extended_hours: Type.Boolean(),
  trail_percent: orNull(Amount),
  trail_price: orNull(Amount),
  hwm: orNull(Amount),
  ratio_qty: Type.Optional(Amount),
}
const Leg = Type.Object({ ...orderFields, legs: Type.Null() }, closed)
export const Order = Type.Object(
  { ...orderFields, legs: Type.Union([Type.Array(Leg, { maxItems: 4 }), Type.Null()]) },
  closed,
)
export const Orders = Type.Array(Order)

const Series = Type.Array(Type.Union([Type.Number(), Type.Null()]))
export const History = Type.Object(
  {
    timestamp: Type.Array(Type.Integer({ minimum: 1_000_000_000, maximum: 9_999_999_999 })),
    equity: Series,
    profit_loss: Series,
    profit_loss_pct: Series,
    base_value: Type.Number(),
    base_value_asof: Type.Optional(Day),
    timeframe: Type.Enum(['1Min', '5Min', '15Min', '1H', '1D']),
    cashflow: Type.Record(Type.String(), Type.Array(Type.Number())),
  },
  closed,
)

const NewYorkTime = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?-0[45]:00$' })
export const Clock = Type.Object(
  { timestamp: NewYorkTime, is_open: Type.Boolean(), next_open: NewYorkTime, next_close: NewYorkTime },
  closed,
)

export const Calendar = Type.Array(
  Type.Object(
    {
      date: Day,
      open: Type.Literal('09:30'),
      close: Type.Literal('16:00'),
      session_open: Type.String(),
      session_close: Type.String(),
    },
    closed,
  ),
)

export const Refusal = Type.Object({ code: Type.Optional(Type.Integer()), message: Type.String() })

/** Of `DELETE /v2/orders`. */
export const Cancels = Type.Array(Type.Object({ id: Id, status: Type.Integer() }, closed))

/** Of `DELETE /v2/positions`. */
export const Closings = Type.Array(
  Type.Object({ symbol: Type.String(), status: Type.Integer(), body: Type.Union([Order, Refusal]) }, closed),
)

const events = [
  ...['new', 'fill', 'partial_fill', 'canceled', 'expired', 'done_for_day', 'replaced', 'accepted'],
  ...['rejected', 'pending_new', 'stopped', 'pending_cancel', 'pending_replace', 'calculated'],
  ...['suspended', 'order_replace_rejected', 'order_cancel_rejected'],
]
export const TradeUpdate = Type.Object(
  {
    stream: Type.Literal('trade_updates'),
    data: Type.Object(
      {
        event: Type.Enum(events),
        event_id: Type.String({ pattern: '^[0-9A-HJKMNP-TV-Z]{26}$' }),
        at: Time,
        timestamp: Time,
        order: Order,
        execution_id: Type.Optional(Id),
        price: Type.Optional(Amount),
        qty: Type.Optional(Amount),
        position_qty: Type.Optional(Amount),
      },
      closed,
    ),
  },
  closed,
)
