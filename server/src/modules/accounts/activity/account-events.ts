import { accountActions } from '@outcry/contract/account-events'
import type { HistoryEntry } from '../../../platform/audit/audit-history.ts'
import { countOwnHistory, listOwnHistory } from '../../../platform/audit/own-history.ts'
import type { Db } from '../../../platform/db/index.ts'
import { type Page, type PageQuery, type ReadPage, TOTAL_MAX } from '../../../platform/paging/read-page.ts'

/** Reading what happened to a member's account, the latest first. Throws `accounts.cursor_invalid`. */
export function createAccountEvents({ db, readPage }: { readonly db: Db; readonly readPage: ReadPage }) {
  return (userId: string, query: PageQuery): Promise<Page<HistoryEntry>> => {
    const system = db.asSystem()
    const of = { type: 'user', id: userId, actions: accountActions }
    return readPage<HistoryEntry>(
      {
        name: `account events ${userId}`,
        // Note: the number of an entry tells its place; the clocks of two nodes do not.
        positionOf: ({ at, seq }) => ({ createdAt: at, id: String(seq) }),
        // Note: behind what is counted a cursor leads on, at the same cost on every page.
        listFrom: async (page) => (page.skip >= TOTAL_MAX ? [] : listOwnHistory(system, of, page)),
        listAfter: ({ id: seq, limit }) =>
          listOwnHistory(system, of, { before: Number(seq), skip: 0, limit }),
        count: () => countOwnHistory(system, of, TOTAL_MAX),
      },
      query,
    )
  }
}
