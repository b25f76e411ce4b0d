import { rawStatement } from '../postgres/control-statements.ts'
import { placeholder, quoteName } from '../schema/quote.ts'
import type { AnyTable } from '../schema/table.ts'
import type { ReadSession } from '../session.ts'
import { rowEncoder, type StoredRow } from './stored-row.ts'

const PAGE_ROWS = 1_000

/**
 * Every row of a table in pages, by primary key; with `having`, only rows where one of those columns is set. The session
 * must see one state of the database throughout. Asks for the next page while the caller works on this one.
 */
export async function* readRows(
  session: ReadSession,
  table: AnyTable,
  having: readonly string[] = [],
): AsyncGenerator<StoredRow[]> {
  const key = table.primaryKey.map(quoteName).join(', ')
  const marks = table.primaryKey.map((_, i) => placeholder(session.target.dialect, i))
  const set = having.map((name) => `${quoteName(name)} is not null`).join(' or ')
  const page = (...conditions: string[]) => {
    const where = conditions.filter((condition) => condition !== '').map((condition) => `(${condition})`)
    const columns = Object.keys(table.columns).map(quoteName).join(', ')
    return rawStatement(
      `select ${columns} from ${quoteName(table.name)}${where.length > 0 ? ` where ${where.join(' and ')}` : ''} order by ${key} limit ${PAGE_ROWS}`,
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
    const isLast = rows.length < PAGE_ROWS
    if (!isLast) {
      coming = session.all(next, keyOf(last))
      coming.catch(() => undefined) // told to whoever asks for the next page
    }
    yield rows
    if (isLast) return
  }
}
