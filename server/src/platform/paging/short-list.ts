import type { PagedList, Position } from './read-page.ts'

interface Dated {
  readonly id: string
  readonly created_at: Date
}

/** A list that has a cap, and is therefore read whole. */
export interface ShortList<Row> {
  /** As in `PagedList`. */
  readonly name: string
  /** By `created_at`, and by `id` within one moment. */
  readonly order: 'oldest first' | 'newest first'
  /** Every row, in that order. */
  read(): Promise<readonly Row[]>
}

/** Gives a list that can never be long in pages like every other. Made for one page: it reads once. */
export function shortList<Row extends Dated>({ name, order, read }: ShortList<Row>): PagedList<Row> {
  let reading: Promise<readonly Row[]> | undefined
  const rows = () => {
    reading ??= read()
    return reading
  }
  const isBehind = (row: Row, { createdAt, id }: Position): boolean => {
    const isSame = row.created_at.getTime() === createdAt.getTime()
    if (order === 'oldest first') return isSame ? row.id > id : row.created_at > createdAt
    return isSame ? row.id < id : row.created_at < createdAt
  }
  return {
    name,
    positionOf: ({ created_at, id }) => ({ createdAt: created_at, id }),
    listFrom: async ({ skip, limit }) => (await rows()).slice(skip, skip + limit),
    listAfter: async ({ limit, ...position }) =>
      (await rows()).filter((row) => isBehind(row, position)).slice(0, limit),
    count: async () => (await rows()).length,
  }
}
