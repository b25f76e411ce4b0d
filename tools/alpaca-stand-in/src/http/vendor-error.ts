import { type Decimal, formatDecimal } from '../market/decimal.ts'
import type { Answer } from './answer.ts'

/** A refusal as the vendor words it, with what goes out. */
export class VendorError extends Error {
  override readonly name = 'VendorError'
  readonly answer: Answer

  constructor(status: number, body: Record<string, unknown> & { message: string }) {
    super(body.message)
    this.answer = { status, json: body }
  }
}

/** The vendor's refusals. Codes are mostly status × 100000 and a number; bad input is an exception it is known for. */
export const refusals = {
  unauthorized: () => new VendorError(401, { code: 40110000, message: 'request is not authorized' }),
  headersMissing: () => new VendorError(403, { message: 'forbidden.' }),
  suspended: () =>
    new VendorError(403, { code: 40310000, message: 'new orders are rejected by user request' }),
  // Unconfirmed wording: the facts name the state of the account, not the sentence.
  blocked: () => new VendorError(403, { code: 40310000, message: 'account is not allowed to trade' }),
  buyingPower: (buyingPower: Decimal, cost: Decimal) =>
    new VendorError(403, {
      code: 40310000,
      message: 'insufficient buying power',
      buying_power: formatDecimal(buyingPower),
      cost_basis: formatDecimal(cost),
    }),
  quantity: (needs: Shortage) =>
    new VendorError(403, {
      code: 40310000,
      message: `insufficient qty available for order (requested: ${formatDecimal(needs.asked)}, available: ${formatDecimal(needs.available)})`,
      symbol: needs.symbol,
      available: formatDecimal(needs.available),
      existing_qty: formatDecimal(needs.existing),
      held_for_orders: formatDecimal(needs.held),
      related_orders: needs.orderIds,
    }),
  notFound: (what: string) => new VendorError(404, { code: 40410000, message: `${what} not found` }),
  badInput: (message: string) => new VendorError(422, { code: 40010001, message }),
  alreadyIn: (status: string) =>
    new VendorError(422, { code: 42210000, message: `order is already in "${status}" state` }),
  // Unconfirmed wording: the facts name the statuses that cannot be replaced, not the sentence.
  notReplaceable: (status: string) =>
    new VendorError(422, { code: 42210000, message: `cannot replace order in "${status}" state` }),
  // A code of the vendor's for 429 is not confirmed, so there is none.
  tooMany: () => new VendorError(429, { message: 'too many requests.' }),
}

type Shortage = {
  symbol: string
  asked: Decimal
  available: Decimal
  existing: Decimal
  held: Decimal
  orderIds: string[]
}
