import {
  countHistory,
  type HistoryEntry,
  listEnds,
  listHistory,
} from '../../../platform/audit/audit-history.ts'
import type { Db } from '../../../platform/db/index.ts'
import { type Page, type PageQuery, type ReadPage, TOTAL_MAX } from '../../../platform/paging/read-page.ts'
import type { Acting } from '../acting.ts'
import { USE_ENDED, USED } from '../protocol/use-entries.ts'
import type { ReadCredentials } from './read-credentials.ts'

/** How many entries further on in the log an end is looked for: more than are written while a use may last. */
const END_WITHIN = 50_000
const TYPE = 'credential'

/** What was done with a credential, with the entry that ended it when it was a use whose end is known. */
export interface CredentialEvent {
  readonly entry: HistoryEntry
  readonly end: HistoryEntry | undefined
}

interface CredentialAuditOptions {
  readonly db: Db
  readonly readPage: ReadPage
  readonly credentials: Pick<ReadCredentials, 'getEver'>
}

const ofOneRequest = ({ request_id, details: { purpose, method, path } }: HistoryEntry) =>
  JSON.stringify([request_id, purpose, method, path])

/** Gives each use the first end after it that is of the same request to the same place, and of no use before it. */
function withEnds(entries: readonly HistoryEntry[], ends: readonly HistoryEntry[]): CredentialEvent[] {
  const left = new Set(ends)
  const endOf = (use: HistoryEntry) => {
    const key = ofOneRequest(use)
    const end = [...left].find((each) => each.seq > use.seq && ofOneRequest(each) === key)
    if (end) left.delete(end)
    return end
  }
  const events = entries.toReversed().map((entry) => ({
    entry,
    end: entry.action === USED ? endOf(entry) : undefined,
  }))
  return events.reverse()
}

/** Reading what was done with a credential; four statements for each page, however long it is. */
export function createCredentialAudit({ db, readPage, credentials }: CredentialAuditOptions) {
  const endsOf = (id: string, entries: readonly HistoryEntry[]) => {
    const uses = entries.filter(({ action, request_id }) => action === USED && request_id !== null)
    const requestIds = [...new Set(uses.flatMap(({ request_id }) => request_id ?? []))]
    const after = uses.at(-1)?.seq ?? 0
    const before = (uses[0]?.seq ?? 0) + END_WITHIN
    return listEnds(db.asSystem(), { type: TYPE, id, action: USE_ENDED, requestIds, after, before })
  }

  /**
   * The latest first, also of a credential that was deleted, as long as its row is left. Throws `vault.cursor_invalid` and
   * `vault.credential_not_found`. The entries are read as the system, of an id that was found as its owner.
   */
  return async (by: Acting, id: string, query: PageQuery): Promise<Page<CredentialEvent>> => {
    const credential = await credentials.getEver(by, id)
    const of = { type: TYPE, id: credential.id, without: USE_ENDED }
    const system = db.asSystem()
    const { items, ...page } = await readPage<HistoryEntry>(
      {
        name: `credential-audit ${credential.id}`,
        // Note: the number of an entry tells its place; the clocks of two nodes do not.
        positionOf: ({ at, seq }) => ({ createdAt: at, id: String(seq) }),
        // Note: behind what is counted a cursor leads on, at the same cost on every page.
        listFrom: async (page) => (page.skip >= TOTAL_MAX ? [] : listHistory(system, of, page)),
        listAfter: ({ id: seq, limit }) => listHistory(system, of, { before: Number(seq), skip: 0, limit }),
        count: () => countHistory(system, of, TOTAL_MAX),
      },
      query,
    )
    return { items: withEnds(items, await endsOf(credential.id, items)), ...page }
  }
}

export type CredentialAudit = ReturnType<typeof createCredentialAudit>
