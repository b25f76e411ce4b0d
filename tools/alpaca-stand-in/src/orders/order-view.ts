import { type Decimal, formatDecimal, over, ZERO } from '../market/decimal.ts'
import type { Order } from './order.ts'

/** The body of one order. `legs` are those to nest into it; null when the reader did not ask for them or has none. */
export function orderView(order: Order, legs: readonly Order[] | null = null): Record<string, unknown> {
  const { asset } = order
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    created_at: time(order.createdMs),
    updated_at: time(order.updatedMs),
    submitted_at: time(order.createdMs),
    filled_at: time(order.filledMs),
    expired_at: time(order.expiredMs),
    canceled_at: time(order.canceledMs),
    failed_at: time(order.failedMs),
    replaced_at: time(order.replacedMs),
    replaced_by: order.replacedBy,
    replaces: order.replaces,
    asset_id: asset?.id ?? '',
    symbol: asset?.symbol ?? '',
    asset_class: asset?.class ?? '',
    notional: number(order.notional),
    qty: number(order.qty),
    filled_qty: formatDecimal(order.filledQty),
    filled_avg_price:
      order.filledQty === ZERO ? null : formatDecimal(over(order.filledCost, order.filledQty)),
    order_class: order.orderClass,
    order_type: order.type,
    type: order.type,
    side: order.side ?? '',
    position_intent: order.positionIntent,
    time_in_force: order.timeInForce,
    limit_price: number(order.limitPrice),
    stop_price: number(order.stopPrice),
    status: order.status,
    extended_hours: order.isExtendedHours,
    legs: legs && legs.length > 0 ? legs.map((leg) => orderView(leg)) : null,
    trail_percent: number(order.trailPercent),
    trail_price: number(order.trailPrice),
    hwm: number(order.highWaterMark),
    ...(order.ratioQty === null ? {} : { ratio_qty: formatDecimal(order.ratioQty) }),
  }
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

function number(value: Decimal | null): string | null {
  return value === null ? null : formatDecimal(value)
}
