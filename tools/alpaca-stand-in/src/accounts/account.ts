import type { Market } from '../market/market.ts'
import type { OrderEvent } from '../orders/execution.ts'
import { createTrading, type Trading } from '../orders/trading.ts'
import type { Book } from './book.ts'
import { openBook } from './open-book.ts'
import { goodStanding, type Standing } from './standing.ts'

/** One key's account: what it holds, what it may do, and how it trades. */
export type Account = { book: Book; standing: Standing; trading: Trading }

/** Makes the account that belongs to the labels. `tell` hears of everything that happens to its orders. */
export function createAccount(
  labels: readonly string[],
  { market, tell }: { market: Market; tell: (event: OrderEvent, account: Pick<Account, 'book'>) => void },
): Account {
  const book = openBook(labels, market.prices)
  const standing = goodStanding(labels)
  const trading = createTrading({ book, standing, market, tell: (event) => tell(event, { book }) })
  return { book, standing, trading }
}
