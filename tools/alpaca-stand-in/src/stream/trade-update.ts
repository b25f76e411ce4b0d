import { type Book, holdingsAt } from '../accounts/book.ts'
import { formatDecimal, ZERO } from '../market/decimal.ts'
import { hashOf } from '../market/seeded.ts'
import type { OrderEvent } from '../orders/execution.ts'
import { orderView } from '../orders/order-view.ts'

/** Letters and digits of a ULID (Crockford's base 32). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** What `trade_updates` says of an event: the order as it is now, and of a fill also price, quantities and its id. */
export function tradeUpdate({ event, order, fill }: OrderEvent, book: Book, nowMs: number) {
  const held = holdingsAt(book, nowMs).positions.find(({ asset }) => asset === order.asset)
  const at = new Date(nowMs).toISOString()
  const place = `${book.orders.length} ${book.fills.length} ${order.status}`
  return {
    event,
    event_id: ulid(nowMs, order.id, event, place),
    at,
    timestamp: at,
    order: orderView(order),
    ...(fill && {
      execution_id: fill.id,
      price: formatDecimal(fill.price),
      qty: formatDecimal(fill.qty),
      position_qty: formatDecimal(held?.qty ?? ZERO),
    }),
  }
}

/** Shaped like a ULID: ten characters of time, sixteen that follow from the labels. */
function ulid(ms: number, ...labels: string[]): string {
  const time = Array.from({ length: 10 }, (_, at) => ALPHABET[Math.floor(ms / 32 ** (9 - at)) % 32])
  const rest = Array.from({ length: 16 }, (_, at) => ALPHABET[hashOf(...labels, String(at)) % 32])
  return [...time, ...rest].join('')
}
