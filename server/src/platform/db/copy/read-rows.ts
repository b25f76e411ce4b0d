import { rawStatement } from '../postgres/control-statements.ts'
import { placeholder, quoteName } from '../schema/quote.ts'
import type { AnyTable } from '../schema/table.ts'
import type { ReadSession } from '../session.ts'
import { rowEncoder, type StoredRow } from './stored-row.ts'

const PAGE_ROWS = 1_000

/** Which part of a table to read, and in what pieces. */
export interface RowPages {
  /** Only rows where one of these columns is set. */
  readonly having?: readonly string[]
  /** Only these columns, among them the primary key; every column when left out. */
  readonly columns?: readonly string[]
  readonly pageRows?: number
}

/**
 * Every row of a table in pages, by primary key. Gives one state of the table when the session sees one state of the
 * database. Asks for the next page while the caller works on this one.
 */
export async function* readRows(
  session: ReadSession,
  table: AnyTable,
  pages: RowPages = {},
): AsyncGenerator<StoredRow[]> {
  const { having = [], pageRows = PAGE_ROWS } = pages
  const key = table.primaryKey.map(quoteName).join(', ')
  const marks = table.primaryKey.map((_, i) => placeholder(session.target.dialect, i))
  const set = having.map((name) => `${quoteName(name)} is not null`).join(' or ')
  const page = (...conditions: string[]) => {
    const where = conditions.filter((condition) => condition !== '').map((condition) => `(${condition})`)
    const columns = (pages.columns ?? Object.keys(table.columns)).map(quoteName).join(', ')
    return rawStatement(
      `select ${columns} from ${quoteName(table.name)}${where.length > 0 ? ` where ${where.join(' and ')}` : ''} order by ${key} limit ${pageRows}`,
      new Map([[table.name, table]]),
    )
  }
  const [first, next] = [page(set), page(set, `(${key}) > (${marks.join(', ')})`)]
  const keyOf = rowEncoder(session.target.dialect, table, table.primaryKey)
  let coming = session.all(first, [])
  for (;;) {
    const rows = (await coming) as StoredRow[]
    const last = rows.at(-1)
    if (last === undefined) return
    const isLast = rows.length < pageRows
    if (!isLast) {
      coming = session.all(next, keyOf(last))
      coming.catch(() => undefined) // told to whoever asks for the next page
    }
    yield rows
    if (isLast) return
  }
}
