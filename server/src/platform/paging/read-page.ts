import { type SignedCursors, TamperedCursorError } from '../crypto/signed-cursor.ts'
import type { ErrorFactory } from '../errors.ts'

/** Lists without an end are counted no further, and skipped no further: behind it a cursor leads on. */
export const TOTAL_MAX = 10_000

/** Which page of a list is asked for. */
export interface PageQuery {
  readonly skip: number
  readonly limit: number
  readonly cursor?: string
}

/** Where a page begins: after the row with this moment and id, in the order of its list. */
export interface Position {
  readonly createdAt: Date
  readonly id: string
}

/** A list in the order of its moments and ids that can be read both ways. */
export interface PagedList<Row> {
  /** Names the list with its owner and filters: a cursor opens only the list that it was made for. */
  readonly name: string
  positionOf(row: Row): Position
  listFrom(page: { skip: number; limit: number }): Promise<Row[]>
  listAfter(page: Position & { limit: number }): Promise<Row[]>
  count(): Promise<number>
}

/** One page; `total` and `skip` unless a cursor led here. */
export interface Page<Row> {
  readonly items: readonly Row[]
  readonly limit: number
  readonly total?: number
  readonly skip?: number
  readonly next_cursor: string | null
}

/** Reads one page of a list. Throws its module's error of a cursor that is not one of ours. */
export type ReadPage = <Row>(list: PagedList<Row>, query: PageQuery) => Promise<Page<Row>>

/** The one way in which modules read lists in pages; `cursorInvalid` is what a module answers to a tampered cursor. */
export function createReadPage(cursors: SignedCursors, cursorInvalid: ErrorFactory): ReadPage {
  const positionIn = (name: string, cursor: string): Position => {
    try {
      const [at, id] = cursors.decode(name, cursor)
      return { createdAt: new Date(Number(at)), id: String(id) }
    } catch (error) {
      if (error instanceof TamperedCursorError) throw cursorInvalid({}, { cause: error })
      throw error
    }
  }

  return async (list, { skip, limit, cursor }) => {
    // Note: one row more than asked for tells whether there is a page behind this one.
    const more = limit + 1
    const rows =
      cursor === undefined
        ? await list.listFrom({ skip, limit: more })
        : await list.listAfter({ ...positionIn(list.name, cursor), limit: more })
    const items = rows.slice(0, limit)
    const last = rows.length > limit ? items.at(-1) : undefined
    const end = last && list.positionOf(last)
    const next_cursor = end ? cursors.encode(list.name, [end.createdAt.getTime(), end.id]) : null
    if (cursor !== undefined) return { items, limit, next_cursor }
    return { items, total: await list.count(), skip, limit, next_cursor }
  }
}
