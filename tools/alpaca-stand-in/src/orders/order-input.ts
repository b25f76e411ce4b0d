import { choose } from '../http/read-value.ts'
import { refusals } from '../http/vendor-error.ts'
import { type AssetClass, findAsset } from '../market/assets.ts'
import { type Decimal, parseDecimal, ZERO } from '../market/decimal.ts'
import {
  CLASSES,
  INTENTS,
  NO_TERMS,
  type OrderClass,
  type OrderTerms,
  SIDES,
  TIMES_IN_FORCE,
  TYPES,
} from './order.ts'

/** A new order as its sender wants it, with its legs. */
export type OrderRequest = OrderTerms & { clientOrderId: string | null; legs: OrderTerms[] }

/** What a sender may change in an open order; undefined stays as it is. */
export type OrderChanges = {
  [Field in 'qty' | 'limitPrice' | 'stopPrice' | 'trail']?: Decimal | undefined
} & { timeInForce?: OrderTerms['timeInForce'] | undefined; clientOrderId: string | null }

type Fields = Record<string, unknown>

const TYPES_OF: Record<AssetClass, readonly string[]> = {
  us_equity: TYPES,
  us_option: ['market', 'limit', 'stop', 'stop_limit'],
  crypto: ['market', 'limit', 'stop_limit'],
}
const TIMES_OF: Record<AssetClass, readonly string[]> = {
  us_equity: TIMES_IN_FORCE,
  us_option: ['day'],
  crypto: ['gtc', 'ioc'],
}

/** Reads the body of `POST /v2/orders`, or refuses it with the vendor's 422. */
export function readOrder(body: unknown): OrderRequest {
  const fields = readFields(body)
  const orderClass: OrderClass = fields.order_class ? choose('order_class', fields.order_class, CLASSES) : ''
  const terms = { ...readPrices(fields), ...readManner(fields), orderClass }
  const isOfLegs = orderClass === 'mleg'
  const target = isOfLegs ? { asset: null, side: null } : readAsset(fields)
  const legs = isOfLegs ? readLegs(fields) : []
  const request: OrderRequest = { ...terms, ...target, clientOrderId: clientOrderId(fields), legs }
  demandPrices(request)
  demandAmount(request)
  demandFit(request)
  return isOfLegs ? request : { ...request, legs: exitLegs(request, fields) }
}

/** Reads the body of `PATCH /v2/orders/{id}`. */
export function readChanges(body: unknown): OrderChanges {
  const fields = readFields(body)
  return {
    qty: positive(fields, 'qty') ?? undefined,
    limitPrice: amount(fields, 'limit_price') ?? undefined,
    stopPrice: positive(fields, 'stop_price') ?? undefined,
    trail: positive(fields, 'trail') ?? undefined,
    timeInForce: fields.time_in_force
      ? choose('time_in_force', fields.time_in_force, TIMES_IN_FORCE)
      : undefined,
    clientOrderId: clientOrderId(fields),
  }
}

function readFields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refusals.badInput('request body format is invalid')
  }
  return { ...body }
}

function readPrices(fields: Fields) {
  return {
    ...NO_TERMS,
    limitPrice: amount(fields, 'limit_price'),
    stopPrice: positive(fields, 'stop_price'),
    trailPrice: positive(fields, 'trail_price'),
    trailPercent: positive(fields, 'trail_percent'),
    qty: positive(fields, 'qty'),
    notional: positive(fields, 'notional'),
  }
}

function readManner(fields: Fields) {
  return {
    type: choose('type', fields.type, TYPES),
    timeInForce: choose('time_in_force', fields.time_in_force, TIMES_IN_FORCE),
    isExtendedHours: fields.extended_hours === true,
    positionIntent: fields.position_intent
      ? choose('position_intent', fields.position_intent, INTENTS)
      : null,
  }
}

function readAsset(fields: Fields) {
  const { symbol } = fields
  if (typeof symbol !== 'string' || symbol === '') throw refusals.badInput('symbol is required')
  const asset = findAsset(symbol)
  if (!asset) throw refusals.badInput(`asset "${symbol}" not found`)
  return { asset, side: choose('side', fields.side, SIDES) }
}

function readLegs(fields: Fields): OrderTerms[] {
  const { legs } = fields
  if (!Array.isArray(legs) || legs.length < 2 || legs.length > 4) {
    throw refusals.badInput('mleg orders must have 2 to 4 legs')
  }
  return legs.map((leg) => {
    const own = readFields(leg)
    const ratioQty = positive(own, 'ratio_qty')
    if (ratioQty === null) throw refusals.badInput('ratio_qty is required for each leg')
    const terms = { ...NO_TERMS, type: choose('type', fields.type, TYPES), timeInForce: 'day' } as const
    const positionIntent = own.position_intent
      ? choose('position_intent', own.position_intent, INTENTS)
      : null
    return { ...terms, ...readAsset(own), ratioQty, positionIntent, orderClass: 'mleg' }
  })
}

/** The orders that wait behind a bracket, an OTO or an OCO. */
function exitLegs(order: OrderTerms, fields: Fields): OrderTerms[] {
  if (!['bracket', 'oco', 'oto'].includes(order.orderClass)) return []
  const profit = fields.take_profit ? readFields(fields.take_profit) : null
  const loss = fields.stop_loss ? readFields(fields.stop_loss) : null
  if (order.orderClass === 'oto' ? (profit === null) === (loss === null) : loss === null || profit === null) {
    throw refusals.badInput(`${order.orderClass} orders require take_profit and stop_loss as documented`)
  }
  const side = order.orderClass === 'oco' ? order.side : order.side === 'buy' ? 'sell' : 'buy'
  const { asset, timeInForce, qty, orderClass } = order
  const base = { ...NO_TERMS, asset, timeInForce, qty, orderClass, side }
  const legs: OrderTerms[] = []
  if (profit && order.orderClass !== 'oco') {
    legs.push({ ...base, type: 'limit', limitPrice: demanded(profit, 'limit_price') })
  }
  if (loss) {
    const limitPrice = positive(loss, 'limit_price')
    const type = limitPrice === null ? 'stop' : 'stop_limit'
    legs.push({ ...base, type, limitPrice, stopPrice: demanded(loss, 'stop_price') })
  }
  return legs
}

function demandPrices(order: OrderTerms): void {
  const needsLimit = order.type === 'limit' || order.type === 'stop_limit'
  const needsStop = order.type === 'stop' || order.type === 'stop_limit'
  if (needsLimit !== (order.limitPrice !== null)) {
    throw refusals.badInput(
      needsLimit ? 'limit orders require a limit price' : 'this type of order has no limit price',
    )
  }
  if (needsStop !== (order.stopPrice !== null)) {
    throw refusals.badInput(
      needsStop ? 'stop orders require a stop price' : 'this type of order has no stop price',
    )
  }
  const trails = [order.trailPrice, order.trailPercent].filter((trail) => trail !== null).length
  if (trails !== (order.type === 'trailing_stop' ? 1 : 0)) {
    throw refusals.badInput('trailing stop orders must specify one of trail_price or trail_percent')
  }
  if (order.limitPrice !== null && order.limitPrice <= ZERO && order.orderClass !== 'mleg') {
    throw refusals.badInput('limit_price must be > 0')
  }
}

function demandAmount(order: OrderTerms): void {
  if ((order.qty === null) === (order.notional === null)) {
    throw refusals.badInput('exactly one of qty or notional is required')
  }
  if (order.notional !== null && (order.type !== 'market' || order.timeInForce !== 'day')) {
    throw refusals.badInput('notional orders must be market orders for the day')
  }
}

function demandFit(order: OrderTerms): void {
  const { asset } = order
  if (asset && !TYPES_OF[asset.class].includes(order.type)) {
    throw refusals.badInput(`invalid order type for ${asset.class} order`)
  }
  if (asset && !TIMES_OF[asset.class].includes(order.timeInForce)) {
    throw refusals.badInput(`invalid time_in_force for ${asset.class} order`)
  }
  const isLimitForTheDay = order.type === 'limit' && ['day', 'gtc'].includes(order.timeInForce)
  if (order.isExtendedHours && !isLimitForTheDay) {
    throw refusals.badInput('extended hours order must be DAY or GTC limit orders')
  }
}

function clientOrderId(fields: Fields): string | null {
  const { client_order_id: id } = fields
  if (id === undefined || id === null || id === '') return null
  if (typeof id !== 'string' || id.length > 128) {
    throw refusals.badInput('client_order_id must be no more than 128 characters')
  }
  return id
}

function demanded(fields: Fields, name: string): Decimal {
  const value = positive(fields, name)
  if (value === null) throw refusals.badInput(`${name} is required`)
  return value
}

function positive(fields: Fields, name: string): Decimal | null {
  const value = amount(fields, name)
  if (value !== null && value <= ZERO) throw refusals.badInput(`${name} must be > 0`)
  return value
}

/** Numbers may come as strings or as JSON numbers; null and absence are the same. */
function amount(fields: Fields, name: string): Decimal | null {
  const value = fields[name]
  if (value === undefined || value === null) return null
  const isNumeric = typeof value === 'string' || typeof value === 'number'
  const read = isNumeric ? parseDecimal(String(value)) : undefined
  if (read === undefined) throw refusals.badInput(`${name} must be a decimal number`)
  return read
}
