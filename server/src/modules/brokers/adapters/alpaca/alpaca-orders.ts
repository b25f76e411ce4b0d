import { type Static, Type } from 'typebox'
import type { BrokerRead, Order, OrdersWanted, SentChange } from '../adapter.ts'
import { bodyReader, figure, instantIn, moment, orNull, perhaps, word } from '../fields.ts'
import { parsed } from './classify.ts'

const optionalWord = perhaps(word)
const optionalFigure = perhaps(figure)
const optionalMoment = perhaps(moment)

const orderFields = {
  id: word,
  client_order_id: optionalWord,
  created_at: optionalMoment,
  updated_at: optionalMoment,
  submitted_at: optionalMoment,
  filled_at: optionalMoment,
  expired_at: optionalMoment,
  canceled_at: optionalMoment,
  failed_at: optionalMoment,
  asset_id: optionalWord,
  symbol: optionalWord,
  asset_class: optionalWord,
  order_class: optionalWord,
  type: optionalWord,
  order_type: optionalWord,
  side: optionalWord,
  time_in_force: optionalWord,
  // Any word: the vendor adds to its list of statuses.
  status: word,
  extended_hours: perhaps(Type.Boolean()),
  qty: optionalFigure,
  notional: optionalFigure,
  filled_qty: optionalFigure,
  filled_avg_price: optionalFigure,
  limit_price: optionalFigure,
  stop_price: optionalFigure,
  trail_price: optionalFigure,
  trail_percent: optionalFigure,
}

/** What is used of one leg of a compound order. */
const AlpacaLeg = Type.Object(orderFields)
/** What is used of one entry of `GET /v2/orders`. */
const AlpacaOrder = Type.Object({ ...orderFields, legs: perhaps(Type.Array(AlpacaLeg)) })

const parse = bodyReader(Type.Array(AlpacaOrder), (orders) =>
  orders.map(
    (order): Order => ({ ...viewFields(order), legs: order.legs ? order.legs.map(viewFields) : null }),
  ),
)

function viewFields(order: Static<typeof AlpacaLeg>): Omit<Order, 'legs'> {
  return {
    ...{ id: order.id, status: order.status, extended_hours: order.extended_hours === true },
    ...viewTimes(order),
    ...viewFigures(order),
    client_order_id: orNull(order.client_order_id),
    asset_id: orNull(order.asset_id),
    symbol: orNull(order.symbol),
    asset_class: orNull(order.asset_class),
    order_class: orNull(order.order_class),
    type: orNull(order.type) ?? orNull(order.order_type),
    side: orNull(order.side),
    time_in_force: orNull(order.time_in_force),
  }
}

function viewTimes(order: Static<typeof AlpacaLeg>) {
  return {
    created_at: instantIn(order.created_at),
    updated_at: instantIn(order.updated_at),
    submitted_at: instantIn(order.submitted_at),
    filled_at: instantIn(order.filled_at),
    expired_at: instantIn(order.expired_at),
    canceled_at: instantIn(order.canceled_at),
    failed_at: instantIn(order.failed_at),
  }
}

function viewFigures(order: Static<typeof AlpacaLeg>) {
  return {
    qty: orNull(order.qty),
    notional: orNull(order.notional),
    filled_qty: orNull(order.filled_qty),
    filled_avg_price: orNull(order.filled_avg_price),
    limit_price: orNull(order.limit_price),
    stop_price: orNull(order.stop_price),
    trail_price: orNull(order.trail_price),
    trail_percent: orNull(order.trail_percent),
  }
}

/** Orders, the latest first; legs stand under their order. */
export function alpacaOrders({ status = 'open', limit, before }: OrdersWanted): BrokerRead<readonly Order[]> {
  const query = new URLSearchParams({ status, limit: `${limit}`, direction: 'desc', nested: 'true' })
  if (before !== undefined) query.set('before_order_id', before)
  return { purpose: 'orders', path: '/v2/orders', query: `?${query}`, parse }
}

const ID_MAX = 128 // of client_order_id: https://docs.alpaca.markets/us/reference/postorder
const FIGURES = ['qty', 'notional', 'limit_price'] as const
const WORDS = ['client_order_id', 'symbol', 'side'] as const

type Fields = Readonly<Record<string, unknown>>

/** The fields of an order by their names in lower case, as Go reads them; nothing when it could be read in two ways. */
function fieldsOf(text: string): Fields | undefined {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null) return undefined
  const entries = Object.entries(value).map(([name, field]) => [name.toLowerCase(), field] as const)
  const fields = Object.fromEntries(entries)
  return Object.keys(fields).length === entries.length ? fields : undefined
}

/** Whether what was found says the same as what was sent, as far as that said anything. */
function isSameOrder(sent: Fields, found: Fields): boolean {
  const isSame = (name: string, alike: (a: unknown, b: unknown) => boolean) =>
    sent[name] === undefined || sent[name] === null || alike(sent[name], found[name])
  return (
    WORDS.every((name) => isSame(name, (a, b) => a === b)) &&
    FIGURES.every((name) => isSame(name, (a, b) => Number(a) === Number(b)))
  )
}

/**
 * Alpaca takes a `client_order_id` once. What is found under it counts when it is the same order: an older one of another
 * size would have made it refuse this one.
 */
export function alpacaPlacedOrder({ method, path, body }: SentChange): BrokerRead<string> | undefined {
  const sent = method === 'POST' && path === '/v2/orders' ? fieldsOf(body) : undefined
  const id = sent?.client_order_id
  if (!sent || typeof id !== 'string' || id === '' || id.length > ID_MAX || !id.isWellFormed())
    return undefined
  const parse = (text: string) => {
    const found = fieldsOf(text)
    return found && isSameOrder(sent, found) ? text : undefined
  }
  const query = `?client_order_id=${encodeURIComponent(id)}`
  return { purpose: 'order', path: '/v2/orders:by_client_order_id', query, parse }
}
